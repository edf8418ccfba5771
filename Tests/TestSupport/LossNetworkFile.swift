import FoundationEssentials

extension TestData {
    /// A loss network's file, by its name, in the folders of `PENTIMENTO_MODEL_PATH` or in the user's own; nil, with a word on standard
    /// output, where there is none.
    public static func lossNetwork(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let data = environment["XDG_DATA_HOME"] ?? "\(environment["HOME"] ?? "")/.local/share"
        let folders = (environment["PENTIMENTO_MODEL_PATH"] ?? "").split(separator: ":") + ["\(data)/pentimento/models"]
        for folder in folders {
            let file = "\(folder)/\(name).safetensors"
            if FileManager.default.fileExists(atPath: file) { return file }
        }
        print("SKIPPED: no loss network \(name); run: pentimento models fetch \(name)")
        return nil
    }
}
