import FoundationEssentials
import Glibc
import Imaging
import MediaIO
import Support

/// The folder `OUTPUT.pentimento` beside an output, where long work keeps what it has done. One run at a time has it.
final class StateFolder {
    let path: String
    /// Whether a file of that name, within the folder, is one that pentimento made.
    private let isOurs: (String) -> Bool
    /// Held open while this run has the folder for itself.
    private var lock: Int32 = -1
    private static let lockName = "pentimento-command.lock"

    init(output: String, isOurs: @escaping (String) -> Bool) {
        path = output + ".pentimento"
        self.isOurs = isOurs
    }

    deinit { close(lock) }

    /// Makes the folder if there is none, and takes it for this run.
    ///
    /// - Throws: where it holds something that pentimento has not made, or another run uses it.
    func open() throws {
        try checkIsOurs()
        if mkdir(path, 0o777) != 0 && errno != EEXIST {
            throw MediaError(
                "\(path): cannot be made (\(String(cString: strerror(errno)))); is its folder there and writable?")
        }
        close(lock)
        let lockFile = "\(path)/\(Self.lockName)"
        lock = Glibc.open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard lock >= 0 else {
            throw MediaError("\(lockFile): cannot be written (\(String(cString: strerror(errno))))")
        }
        // Given back by the process's end at the latest.
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw MediaError("\(path): is in use by another run; wait for its end, or write elsewhere")
        }
    }

    /// Removes the folder.
    func discard() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The names of the files in the folder and in those of its folders whose names begin with `pass-`.
    var files: [String] { files(in: path) }

    private func files(in folder: String) -> [String] {
        Files.names(in: folder).flatMap { name in
            name.hasPrefix("pass-") ? files(in: "\(folder)/\(name)") : [name]
        }
    }

    /// Nothing of the user's may be thrown away with the folder.
    private func checkIsOurs() throws {
        let stranger = files.first { $0 != Self.lockName && !$0.hasSuffix(".part") && !isOurs($0) }
        if let stranger {
            throw MediaError("\(path): holds “\(stranger)”, which is no result of pentimento's; move the folder away")
        }
    }
}
