import Imaging
import MediaIO
import Support

/// The folder `OUTPUT.pentimento` beside an output, where a long run stores its state. Locked by one run at a time.
final class StateFolder {
    let path: String
    /// Nil before ``open()``.
    private var folder: OwnedFolder?

    /// - Parameter number: from 1, where several runs write the same output at once.
    init(output: String, number: Int = 1) {
        let ending = (number > 1 ? ".\(number)" : "") + ".pentimento"
        let name = output.split(separator: "/").last ?? ""
        // A name of a file has 255 bytes at most.
        let rest = 255 - ending.utf8.count
        guard name.utf8.count > rest else {
            path = output + ending
            return
        }
        let digest = "-" + sha256(Array(name.utf8)[...]).prefix(16)
        var start = name
        while start.utf8.count + digest.utf8.count > rest { start.removeLast() }
        path = output.dropLast(name.count) + start + digest + ending
    }

    /// Creates the folder if necessary and locks it for this run.
    ///
    /// - Throws: an error if it holds files of other programs or is in use by another run.
    func open() throws {
        let folder = try OwnedFolder(path, unindexed: .takeEmpty)
        try folder.lock()
        self.folder = folder
    }

    /// As ``open()``, and returns false if it is in use by another run.
    func openIfFree() throws -> Bool {
        let folder = try OwnedFolder(path, unindexed: .takeEmpty)
        guard folder.lockIfFree() else { return false }
        self.folder = folder
        return true
    }

    /// Writes a file atomically.
    ///
    /// - Throws: an error if the folder is not open or the file cannot be written.
    func write(_ bytes: [UInt8], to name: String) throws { try opened().write(bytes, to: name) }

    /// Removes a file, if this program created it.
    func remove(_ name: String) { folder?.remove(name) }

    /// Removes the files that this program created, and the folder if it is then empty.
    func discard() {
        folder?.discard()
        folder = nil
    }

    /// The names of the files in the folder and in its subfolders `pass-*`.
    var files: [String] { files(in: path) }

    /// Whether there is at least one finished frame.
    var hasResults: Bool { files.contains { $0.hasSuffix(".safetensors") } }

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
