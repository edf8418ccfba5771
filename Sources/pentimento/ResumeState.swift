import FoundationEssentials
import Glibc
import Imaging
import MediaIO

/// The folder beside an output where an interrupted optimisation is kept: `OUTPUT.pentimento`, made and filled by `styleoptimize`.
/// The options that led there are kept beside, so that a difference can be named as the user knows it.
final class ResumeState {
    let path: String
    private let settings: [String: String]
    private var settingsFile: String { "\(path)/pentimento-command.json" }
    private var lockFile: String { "\(path)/\(Self.lockName)" }
    /// Held open while this run has the folder for itself.
    private var lock: Int32 = -1

    /// - Parameter settings: what results depend on, for people to read.
    init(output: String, settings: [String: String]) {
        path = output + ".pentimento"
        self.settings = settings
    }

    deinit { close(lock) }

    /// Makes the folder ready for a run.
    ///
    /// - Returns: whether there are results to go on from.
    /// - Throws: where it holds the results of another run, or of other settings, or another run uses it.
    func prepare(resuming: Bool, replacing: Bool) throws -> Bool {
        try open()
        if hasResults && !resuming {
            guard replacing else {
                throw MediaError(
                    "\(path): keeps what an earlier run has finished; --resume goes on from there, --force begins anew")
            }
            discard()
            try open()
        }
        guard !hasResults else {
            try checkSettings()
            return true
        }
        // Settings of a run that finished nothing bind nobody.
        unlink("\(path)/\(Self.elementFile)")
        try Files.write(Array(try jsonText(settings).utf8), to: settingsFile)
        return false
    }

    /// Makes the folder if there is none, and takes it for this run.
    private func open() throws {
        try checkIsOurs()
        if mkdir(path, 0o777) != 0 && errno != EEXIST {
            throw MediaError(
                "\(path): cannot be made (\(String(cString: strerror(errno)))); is its folder there and writable?")
        }
        close(lock)
        lock = Glibc.open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard lock >= 0 else {
            throw MediaError("\(lockFile): cannot be written (\(String(cString: strerror(errno))))")
        }
        // Given back by the process's end at the latest.
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw MediaError("\(path): is in use by another run; wait for its end, or write elsewhere")
        }
    }

    /// Whether a frame has been finished.
    var hasResults: Bool {
        files(in: path).contains { $0.hasSuffix(".safetensors") }
    }

    /// Removes the folder.
    func discard() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The settings file of `styleoptimize`.
    private static let elementFile = "pentimento-optimize.json"
    private static let lockName = "pentimento-command.lock"

    private func files(in folder: String) -> [String] {
        Files.names(in: folder).flatMap { name in
            name.hasPrefix("pass-") ? files(in: "\(folder)/\(name)") : [name]
        }
    }

    /// Nothing of the user's may be thrown away with the folder.
    private func checkIsOurs() throws {
        let known = ["pentimento-command.json", Self.elementFile, Self.lockName]
        let stranger = files(in: path).first {
            !known.contains($0) && !$0.hasSuffix(".part") && !($0.hasPrefix("frame-") && $0.hasSuffix(".safetensors"))
        }
        if let stranger {
            throw MediaError("\(path): holds “\(stranger)”, which is no result of pentimento's; move the folder away")
        }
    }

    private func checkSettings() throws {
        guard let bytes = FileManager.default.contents(atPath: settingsFile),
            let kept = try? JSONDecoder().decode([String: String].self, from: bytes)
        else {
            throw MediaError("\(path): does not say which settings its results belong to; --force begins anew")
        }
        for key in Set(kept.keys).union(settings.keys).sorted() where kept[key] != settings[key] {
            throw MediaError(
                "\(path): belongs to other settings: \(key) was \(kept[key] ?? "not given"), is "
                    + "\(settings[key] ?? "not given"); give them as they were, or begin anew with --force alone")
        }
    }
}
