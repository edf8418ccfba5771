import FoundationEssentials
import Imaging
import MediaIO
import Support

/// The state folder of `optimize`, `OUTPUT.pentimento`. `styleoptimize` stores its results there. The command's options
/// are stored too, so that a difference can be reported by option name.
final class ResumeState {
    private let folder: StateFolder
    private let settings: [String: String]
    var path: String { folder.path }
    private var settingsFile: String { "\(path)/\(Self.settingsName)" }
    private static let settingsName = "pentimento-command.json"
    /// The settings file of `styleoptimize`.
    private static let elementFile = "pentimento-optimize.json"

    /// - Parameter settings: the options that results depend on.
    init(output: String, settings: [String: String]) {
        folder = StateFolder(output: output)
        self.settings = settings
    }

    /// Prepares the folder for a run.
    ///
    /// - Returns: whether there are results to resume from.
    /// - Throws: `MediaError` if it holds results of another run or of other settings, or is in use by another run.
    func prepare(resuming: Bool, replacing: Bool) throws -> Bool {
        try checkNothingIsLost(resuming: resuming, replacing: replacing)
        try folder.open()
        if hasResults && !resuming {
            discard()
            try folder.open()
        }
        guard !hasResults else {
            try checkSettings()
            return true
        }
        // Settings without results are obsolete.
        folder.remove(Self.elementFile)
        try writeSettings()
        return false
    }

    /// - Throws: `MediaError` if there are results of an earlier run and neither `resuming` nor `replacing` is set.
    func checkNothingIsLost(resuming: Bool, replacing: Bool) throws {
        guard !hasResults || resuming || replacing else {
            throw MediaError(
                "\(path): contains frames of an earlier run; --resume continues from there, --force starts over")
        }
    }

    /// Whether there is at least one finished frame.
    var hasResults: Bool { folder.files.contains { $0.hasSuffix(".safetensors") } }

    /// Removes the folder.
    func discard() { folder.discard() }

    private func writeSettings() throws {
        try folder.write(Array(try jsonText(settings).utf8), to: Self.settingsName)
    }

    private func checkSettings() throws {
        guard let bytes = try? Files.read(settingsFile, limit: 1 << 20),
            let kept = try? JSONDecoder().decode([String: String].self, from: Data(bytes))
        else {
            // The file is damaged. `styleoptimize` checks the settings in each result.
            return try writeSettings()
        }
        for key in Set(kept.keys).union(settings.keys).sorted() where kept[key] != settings[key] {
            throw MediaError(
                "\(path): belongs to other settings: \(key) was \(kept[key] ?? "not given"), is "
                    + "\(settings[key] ?? "not given"); use the same settings, or start over with --force alone")
        }
    }
}
