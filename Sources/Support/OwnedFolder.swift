import Glibc

/// A folder that this program fills and may empty again, without ever removing what somebody else put there.
///
/// Its mark, the file ``markName``, holds the name of each file and folder that was made in it, written before that is made.
/// Only what is named there, and is a regular file or an empty folder, is ever replaced or removed.
public final class OwnedFolder {
    public static let markName = "pentimento-folder.txt"
    private static let title = "Made by pentimento, which removes what is named here."
    private static let markLimit = 64 << 20

    public let path: String
    /// What the mark names.
    private var recorded: Set<String>
    /// For appending.
    private let mark: Int32

    /// What to do with a folder that is there and has no mark.
    public enum Unmarked: Sendable {
        /// Take it unless it holds something.
        case takeEmpty
        /// Take it, with everything that is in it staying another's.
        case take
    }

    /// Makes the folder or opens one.
    ///
    /// - Throws: ``FileError`` where it cannot be used, or is another's.
    public init(_ path: String, unmarked: Unmarked) throws(FileError) {
        self.path = path
        if mkdir(path, 0o777) != 0 && errno != EEXIST { throw FileError(errno, "make", path) }
        guard Files.isFolder(path) else { throw FileError(path: path, reason: "is not a folder") }
        let markPath = "\(path)/\(Self.markName)"
        if !Files.exists(markPath) {
            if unmarked == .takeEmpty, let stranger = Files.names(in: path, withHidden: true).first {
                throw FileError(
                    path: path, reason: "holds “\(stranger)” and was not made by this version; move the folder away")
            }
            let text = Array((Self.title + "\n").utf8)
            // Another process may have been faster.
            do { try WholeFile.write(text, to: markPath, replacing: false) } catch {
                guard Files.exists(markPath) else { throw error }
            }
        }
        recorded = try Self.recorded(in: markPath)
        mark = open(markPath, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard mark >= 0 else { throw FileError(errno, "write", markPath) }
    }

    deinit { close(mark) }

    /// Takes the folder for this object alone, until it goes or the process ends.
    ///
    /// - Throws: ``FileError`` where another has it.
    public func lock() throws(FileError) {
        var (held, named) = (stat(), stat())
        // Whoever had it before may have removed it meanwhile.
        guard flock(mark, LOCK_EX | LOCK_NB) == 0, fstat(mark, &held) == 0,
            stat(path(of: Self.markName), &named) == 0, held.st_ino == named.st_ino
        else {
            throw FileError(path: path, reason: "is in use by another run; wait for its end, or write elsewhere")
        }
        removeUnfinished()
    }

    /// Removes what a run left half written when it was killed. Only for whoever has the folder alone.
    public func removeUnfinished() {
        for name in recorded where name.hasSuffix(Self.unfinished("")) && isFile(name) { unlink(path(of: name)) }
    }

    // MARK: - Files

    /// Where a file of this name is, or would be.
    ///
    /// - Parameter name: within the folder, perhaps in one folder of it: `pass-01/frame-000001.safetensors`.
    public func path(of name: String) -> String { "\(path)/\(name)" }

    /// Whether the folder holds a file of that name that was made here.
    public func contains(_ name: String) -> Bool { recorded.contains(name) && isFile(name) }

    /// The files that were made here and are still there, sorted.
    public var names: [String] { recorded.filter { !$0.hasSuffix("/") && isFile($0) }.sorted() }

    /// Writes a file whole or not at all, in place of one that was made here.
    ///
    /// - Throws: ``FileError`` where it cannot be written, or another's file has that name.
    public func write(_ bytes: [UInt8], to name: String) throws(FileError) {
        guard Self.isValid(name) else { throw FileError(path: path(of: name), reason: "is no name for a file here") }
        if let cut = name.firstIndex(of: "/") { try makeFolder(String(name[...cut])) }
        let unfinished = Self.unfinished(name)
        for name in [name, unfinished] where !recorded.contains(name) && isThere(name) { throw stranger(name) }
        try record([name, unfinished])
        remove(unfinished)
        try WholeFile.write(bytes, to: path(of: name), replacing: true, temporaryName: path(of: unfinished))
    }

    /// Removes a file that was made here; another's stays.
    public func remove(_ name: String) { if contains(name) { unlink(path(of: name)) } }

    /// Removes everything that was made here, and the folder if that leaves it empty.
    public func discard() {
        // Another part of the program may have added to it.
        if let all = try? Self.recorded(in: path(of: Self.markName)) { recorded = all }
        for name in names { unlink(path(of: name)) }
        for folder in recorded where folder.hasSuffix("/") { rmdir(path(of: String(folder.dropLast()))) }
        unlink(path(of: Self.markName))
        rmdir(path)
    }

    // MARK: - The mark

    private func makeFolder(_ name: String) throws(FileError) {
        let place = path(of: String(name.dropLast()))
        guard recorded.contains(name) || !isThere(String(name.dropLast())) else { throw stranger(name) }
        try record([name])
        if mkdir(place, 0o777) != 0 && errno != EEXIST { throw FileError(errno, "make", place) }
    }

    /// Says in the mark that these names are ours, if it does not yet.
    private func record(_ names: [String]) throws(FileError) {
        let new = names.filter { !recorded.contains($0) }
        guard !new.isEmpty else { return }
        // The first line end ends a line that was cut short.
        let text = "\n" + new.map { $0 + "\n" }.joined()
        let count = text.utf8.count
        // One call with O_APPEND: two writers do not mix their lines.
        guard Glibc.write(mark, text, count) == count else { throw FileError(errno, "write", path(of: Self.markName)) }
        recorded.formUnion(new)
    }

    private static func recorded(in markPath: String) throws(FileError) -> Set<String> {
        let bytes: [UInt8]
        do { bytes = try Files.read(markPath, limit: markLimit) } catch let error as FileError { throw error } catch {
            throw FileError(path: markPath, reason: "\(error)")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if title.hasPrefix(text) {
            // Cut short: everything in the folder counts as another's.
            try WholeFile.write(Array((title + "\n").utf8), to: markPath, replacing: true)
            return []
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == Substring(title) else {
            throw FileError(path: markPath, reason: "was not written by this program; move its folder away")
        }
        // What follows the last line's end was cut short when it was written.
        lines.removeLast()
        return Set(
            lines.dropFirst().map(String.init).filter { !$0.isEmpty && isValid($0.hasSuffix("/") ? "\($0)x" : $0) })
    }

    /// A plain name, or one in one folder: nothing that leads out of this folder, and not the mark.
    private static func isValid(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && name != markName
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.allSatisfy { $0 >= 0x20 } }
    }

    private static func unfinished(_ name: String) -> String { name + ".unfinished" }

    private func stranger(_ name: String) -> FileError {
        FileError(path: path(of: name), reason: "is not this program's; move it away, or use another folder")
    }

    // MARK: - What is there

    /// Without following links, which are never ours: neither the file's own, nor that of the folder it lies in.
    private func mode(_ name: String) -> mode_t? {
        var status = stat()
        if let cut = name.firstIndex(of: "/"), cut != name.index(before: name.endIndex) {
            guard mode(String(name[..<cut])) == S_IFDIR else { return nil }
        }
        return lstat(path(of: name), &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private func isFile(_ name: String) -> Bool { mode(name) == S_IFREG }
    private func isThere(_ name: String) -> Bool { mode(name) != nil }
}
