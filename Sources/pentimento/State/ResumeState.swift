import FoundationEssentials
import Imaging
import MediaIO
import Support

/// The state folder of `optimize`, `OUTPUT.pentimento`. `styleoptimize` stores its results there. The command's options
/// are stored too, so that a difference can be reported by option name.
///
/// Several runs that paint the same part at once have a folder each: `OUTPUT.2.pentimento` is that of the second one.
final class ResumeState {
    private let folders: [StateFolder]
    /// The one of this run.
    private var folder: StateFolder
    private let settings: [String: String]
    var path: String { folder.path }
    private var settingsFile: String { "\(path)/\(Self.settingsName)" }
    private static let settingsName = "pentimento-command.json"
    /// The settings file of `styleoptimize`.
    private static let elementFile = "pentimento-optimize.json"

    /// - Parameters:
    ///   - settings: the options that results depend on.
    ///   - isShared: whether several runs may write the output at once.
    init(output: String, settings: [String: String], isShared: Bool) {
        folders = (1...(isShared ? Self.mostRuns : 1)).map { StateFolder(output: output, number: $0) }
        folder = folders[0]
        self.settings = settings
    }

    private static let mostRuns = 9

    /// Prepares the folder for a run.
    ///
    /// - Returns: whether there are results to resume from.
    /// - Throws: `MediaError` if it holds results of another run or of other settings, or is in use by another run.
    func prepare(resuming: Bool, replacing: Bool) throws -> Bool {
        try open()
        try checkNothingIsLost(resuming: resuming, replacing: replacing)
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

    /// Opens a folder that no other run has; one with results rather than one without.
    private func open() throws {
        for candidate in folders.filter(\.hasResults) + folders.filter({ !$0.hasResults }) {
            folder = candidate
            if try candidate.openIfFree() { return }
        }
        throw MediaError("\(path): is in use by another run; wait for its end, or write elsewhere")
    }

    /// - Throws: `MediaError` if there are results of an earlier run and neither `resuming` nor `replacing` is set.
    func checkNothingIsLost(resuming: Bool, replacing: Bool) throws {
        guard !hasResults || resuming || replacing else {
            throw MediaError(
                "\(path): contains frames of an earlier run; --resume continues from there, --force starts over")
        }
    }

    /// Whether there is at least one finished frame.
    var hasResults: Bool { folder.hasResults }

    /// Removes the folder.
    func discard() { folder.discard() }

    /// Removes the folders of all runs that have ended, as the output is there.
    func discardAll() {
        for folder in folders where Files.exists(folder.path) {
            if (try? folder.openIfFree()) == true { folder.discard() }
        }
    }

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
