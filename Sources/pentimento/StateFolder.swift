import Imaging
import MediaIO
import Support

/// The folder `OUTPUT.pentimento` beside an output, where long work keeps what it has done. One run at a time has it.
final class StateFolder {
    let path: String
    /// Nil until ``open()``.
    private var folder: OwnedFolder?

    init(output: String) { path = output + ".pentimento" }

    /// Makes the folder if there is none, and takes it for this run.
    ///
    /// - Throws: where it holds something that pentimento has not made, or another run uses it.
    func open() throws {
        let folder = try OwnedFolder(path, unmarked: .takeEmpty)
        try folder.lock()
        self.folder = folder
    }

    /// - Precondition: the folder is open.
    func write(_ bytes: [UInt8], to name: String) throws { try opened().write(bytes, to: name) }

    /// Removes a file that was made here; another's stays.
    func remove(_ name: String) { folder?.remove(name) }

    /// Removes what was made here, and the folder if that leaves it empty.
    func discard() {
        folder?.discard()
        folder = nil
    }

    /// The names of the files in the folder and in those of its folders whose names begin with `pass-`.
    var files: [String] { files(in: path) }

    private func files(in folder: String) -> [String] {
        Files.names(in: folder).flatMap { name in
            name.hasPrefix("pass-") ? files(in: "\(folder)/\(name)") : [name]
        }
    }

    private func opened() throws -> OwnedFolder {
        guard let folder else { throw MediaError("\(path): is not open") }
        return folder
    }
}
