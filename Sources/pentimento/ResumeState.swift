import FoundationEssentials
import Imaging
import MediaIO
import Support

/// The folder beside an output where an interrupted optimisation is kept: `OUTPUT.pentimento`, made and filled by `styleoptimize`.
/// The options that led there are kept beside, so that a difference can be named as the user knows it.
final class ResumeState {
    private let folder: StateFolder
    private let settings: [String: String]
    var path: String { folder.path }
    private var settingsFile: String { "\(path)/\(Self.settingsName)" }
    private static let settingsName = "pentimento-command.json"
    /// The settings file of `styleoptimize`.
    private static let elementFile = "pentimento-optimize.json"

    /// - Parameter settings: what results depend on, for people to read.
    init(output: String, settings: [String: String]) {
        folder = StateFolder(output: output)
        self.settings = settings
    }

    /// Makes the folder ready for a run.
    ///
    /// - Returns: whether there are results to go on from.
    /// - Throws: where it holds the results of another run, or of other settings, or another run uses it.
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
        // Settings of a run that finished nothing bind nobody.
        folder.remove(Self.elementFile)
        try writeSettings()
        return false
    }

    /// - Throws: where an earlier run has finished something and nobody said what to do with that.
    func checkNothingIsLost(resuming: Bool, replacing: Bool) throws {
        guard !hasResults || resuming || replacing else {
            throw MediaError(
                "\(path): keeps what an earlier run has finished; --resume goes on from there, --force begins anew")
        }
    }

    /// Whether a frame has been finished.
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
            // Damaged. Each result says itself what it was made from, and `styleoptimize` compares that.
            return try writeSettings()
        }
        for key in Set(kept.keys).union(settings.keys).sorted() where kept[key] != settings[key] {
            throw MediaError(
                "\(path): belongs to other settings: \(key) was \(kept[key] ?? "not given"), is "
                    + "\(settings[key] ?? "not given"); give them as they were, or begin anew with --force alone")
        }
    }
}
