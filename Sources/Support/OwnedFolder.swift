import Glibc

/// A folder from which this program can remove its own files without touching those of others.
///
/// Its index, the file ``indexName``, lists the name of each file and folder created in it; a name is added before it is
/// created. Only listed regular files and empty folders are ever replaced or removed.
public final class OwnedFolder {
    /// Name of the index file.
    public static let indexName = "pentimento-folder.txt"
    private static let title = "Made by pentimento, which removes what is named here."
    private static let indexLimit = 64 << 20

    /// Path of the folder.
    public let path: String
    /// Names in the index.
    private var recorded: Set<String>
    /// The index, opened for appending.
    private let index: Int32

    /// How to treat an existing folder without an index.
    public enum Unindexed: Sendable {
        /// Use it only if it is empty.
        case takeEmpty
        /// Use it; existing files stay the property of others.
        case take
    }

    /// Creates or opens the folder.
    ///
    /// - Throws: ``FileError`` if it cannot be used or belongs to others.
    public init(_ path: String, unindexed: Unindexed) throws(FileError) {
        self.path = path
        if mkdir(path, 0o777) != 0 && errno != EEXIST { throw FileError(errno, "make", path) }
        guard Files.isFolder(path) else { throw FileError(path: path, reason: "is not a folder") }
        let indexPath = "\(path)/\(Self.indexName)"
        if !Files.exists(indexPath) {
            if unindexed == .takeEmpty, let stranger = Files.names(in: path, withHidden: true).first {
                throw FileError(
                    path: path, reason: "holds “\(stranger)” and was not made by this version; move the folder away")
            }
            let text = Array((Self.title + "\n").utf8)
            // Another process may have created it meanwhile.
            do { try WholeFile.write(text, to: indexPath, replacing: false, followsLink: false) } catch {
                guard Files.exists(indexPath) else { throw error }
            }
        }
        recorded = try Self.recorded(in: indexPath)
        index = open(indexPath, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard index >= 0 else { throw FileError(errno, "write", indexPath) }
    }

    deinit { close(index) }

    /// Locks the folder for this object, until it is freed or the process ends.
    ///
    /// - Throws: ``FileError`` if it is locked already.
    public func lock() throws(FileError) {
        guard lockIfFree() else {
            throw FileError(path: path, reason: "is in use by another run; wait for its end, or write elsewhere")
        }
    }

    /// Locks the folder as ``lock()`` does, and returns whether it was free.
    public func lockIfFree() -> Bool {
        // The previous owner may have removed it meanwhile.
        guard flock(index, LOCK_EX | LOCK_NB) == 0, isInPlace else { return false }
        removeUnfinished()
        return true
    }

    /// Removes unfinished files of a killed run. Requires the lock.
    public func removeUnfinished() {
        for name in recorded where name.hasSuffix(Self.unfinished("")) && isFile(name) { unlink(path(of: name)) }
    }

    // MARK: - Files

    /// Path of a file with this name, whether it exists or not.
    ///
    /// - Parameter name: relative to the folder, at most one level deep: `pass-01/frame-000001.safetensors`.
    public func path(of name: String) -> String { "\(path)/\(name)" }

    /// Whether the folder contains this file and it is listed in the index.
    public func contains(_ name: String) -> Bool { recorded.contains(name) && isFile(name) }

    /// Listed files that still exist, sorted.
    public var names: [String] { recorded.filter { !$0.hasSuffix("/") && isFile($0) }.sorted() }

    /// Writes a file atomically; replaces one listed in the index.
    ///
    /// - Throws: ``FileError`` if it cannot be written, or an unlisted file has this name.
    public func write(_ bytes: [UInt8], to name: String) throws(FileError) {
        guard Self.isValid(name) else { throw FileError(path: path(of: name), reason: "is no name for a file here") }
        guard isInPlace else { throw FileError(path: path, reason: "was moved away or replaced while it was in use") }
        if let cut = name.firstIndex(of: "/") { try makeFolder(String(name[...cut])) }
        let unfinished = Self.unfinished(name)
        for name in [name, unfinished] where !recorded.contains(name) && isThere(name) { throw stranger(name) }
        try record([name, unfinished])
        remove(unfinished)
        try WholeFile.write(
            bytes, to: path(of: name), replacing: true, temporaryName: path(of: unfinished), followsLink: false)
    }

    /// Removes a listed file; unlisted ones stay.
    public func remove(_ name: String) { if contains(name) { unlink(path(of: name)) } }

    /// Removes everything listed in the index, and the folder if it is then empty. A folder that has taken the place of
    /// this one stays as it is.
    public func discard() {
        guard isInPlace else { return }
        // Another part of the program may have added entries.
        if let all = try? Self.recorded(in: path(of: Self.indexName)) { recorded = all }
        for name in names { unlink(path(of: name)) }
        for folder in recorded where folder.hasSuffix("/") { rmdir(path(of: String(folder.dropLast()))) }
        unlink(path(of: Self.indexName))
        rmdir(path)
    }

    // MARK: - The index

    private func makeFolder(_ name: String) throws(FileError) {
        let subfolder = path(of: String(name.dropLast()))
        guard recorded.contains(name) || !isThere(String(name.dropLast())) else { throw stranger(name) }
        try record([name])
        if mkdir(subfolder, 0o777) != 0 && errno != EEXIST { throw FileError(errno, "make", subfolder) }
        // A link leads to what is not ours.
        guard mode(String(name.dropLast())) == S_IFDIR else { throw stranger(name) }
    }

    /// Whether the index at the path is the one that is open.
    private var isInPlace: Bool {
        var (held, named) = (stat(), stat())
        return fstat(index, &held) == 0 && lstat(path(of: Self.indexName), &named) == 0
            && held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }

    /// Adds these names to the index unless it has them.
    private func record(_ names: [String]) throws(FileError) {
        let new = names.filter { !recorded.contains($0) }
        guard !new.isEmpty else { return }
        // The leading newline ends an incomplete line.
        let text = "\n" + new.map { $0 + "\n" }.joined()
        let count = text.utf8.count
        // A single write with O_APPEND: lines of two writers do not mix.
        guard Glibc.write(index, text, count) == count else {
            throw FileError(errno, "write", path(of: Self.indexName))
        }
        recorded.formUnion(new)
    }

    private static func recorded(in indexPath: String) throws(FileError) -> Set<String> {
        let bytes: [UInt8]
        do { bytes = try Files.read(indexPath, limit: indexLimit) } catch let error as FileError { throw error } catch {
            throw FileError(path: indexPath, reason: "\(error)")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if title.hasPrefix(text) {
            // The index is incomplete: treat everything in the folder as unlisted.
            try WholeFile.write(Array((title + "\n").utf8), to: indexPath, replacing: true, followsLink: false)
            return []
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == Substring(title) else {
            throw FileError(path: indexPath, reason: "was not written by this program; move its folder away")
        }
        // Text after the last newline is an incomplete entry.
        lines.removeLast()
        return Set(
            lines.dropFirst().map(String.init).filter { !$0.isEmpty && isValid($0.hasSuffix("/") ? "\($0)x" : $0) })
    }

    /// A name with at most one folder, which does not lead out of this folder and is not the index.
    private static func isValid(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && name != indexName
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.allSatisfy { $0 >= 0x20 } }
    }

    private static func unfinished(_ name: String) -> String { name + ".unfinished" }

    private func stranger(_ name: String) -> FileError {
        FileError(path: path(of: name), reason: "is not this program's; move it away, or use another folder")
    }

    // MARK: - What is there

    /// Does not follow links, neither of the file nor of its folder; links are never ours.
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
