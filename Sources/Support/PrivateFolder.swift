import Glibc

/// A temporary folder in `TMPDIR` or `/tmp` that only this user can access; removed with its object.
public final class PrivateFolder {
    /// Path of the folder.
    public let path: String

    /// - Throws: ``FileError`` if it cannot be created.
    public init() throws(FileError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        var name = Array("\(parent.isEmpty ? "/tmp" : parent)/pentimento-XXXXXX".utf8CString)
        let failed = mkdtemp(&name) == nil
        let code = errno
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if failed {
            throw FileError(
                path: path, reason: "cannot be made (\(String(cString: strerror(code)))); set TMPDIR to another folder")
        }
    }

    deinit { Self.remove(path) }

    /// Removes the folder and its contents. Links are removed, not followed.
    private static func remove(_ folder: String) {
        for name in Files.names(in: folder, withHidden: true) {
            let path = "\(folder)/\(name)"
            var status = stat()
            let isFolder = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            if isFolder { remove(path) } else { unlink(path) }
        }
        rmdir(folder)
    }
}
