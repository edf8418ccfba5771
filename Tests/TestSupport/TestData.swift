import FoundationEssentials

/// Where tests find files.
public enum TestData {
    /// The root of the checkout.
    public static let repository: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// The fixture `name` of the test target `target`, made by a script beside it.
    public static func fixture(_ name: String, of target: String) -> String {
        "\(repository)/Tests/\(target)/Fixtures/\(name)"
    }

    /// A file of the optional collection of real frames, flows and masks that lies beside the checkout as
    /// `shared`, or where `PENTIMENTO_TEST_DATA` says.
    static func optional(_ path: String) -> String? {
        let root = ProcessInfo.processInfo.environment["PENTIMENTO_TEST_DATA"] ?? "\(repository)/../shared"
        let file = "\(root)/\(path)"
        return FileManager.default.fileExists(atPath: file) ? file : nil
    }

    /// A loss network's file, by its name, in the folders of `PENTIMENTO_MODEL_PATH` or in the user's own.
    static func optionalLossNetwork(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let data = environment["XDG_DATA_HOME"] ?? "\(environment["HOME"] ?? "")/.local/share"
        let folders = (environment["PENTIMENTO_MODEL_PATH"] ?? "").split(separator: ":") + ["\(data)/pentimento/models"]
        return folders.map { "\($0)/\(name).safetensors" }.first { FileManager.default.fileExists(atPath: $0) }
    }
}
