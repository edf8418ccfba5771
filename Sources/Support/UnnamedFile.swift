import Glibc

/// A temporary file without a name in `TMPDIR` or `/tmp`, which the system removes however the process ends.
public final class UnnamedFile: Sendable {
    private let descriptor: Int32
    private let folder: String

    /// - Throws: ``FileError`` if it cannot be made.
    public init() throws(FileError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        folder = parent.isEmpty ? "/tmp" : parent
        var made = open(folder, O_RDWR | WholeFile.unnamed | O_CLOEXEC, 0o600)
        if made < 0 {
            // A file system without such files.
            var name = Array("\(folder)/pentimento-XXXXXX".utf8CString)
            made = mkstemp(&name)
            if made >= 0 { unlink(name) }
        }
        guard made >= 0 else {
            throw FileError(
                path: folder,
                reason: "takes no temporary file (\(String(cString: strerror(errno)))); set TMPDIR to another folder")
        }
        descriptor = made
    }

    deinit { close(descriptor) }

    /// A path by which this process can open the file.
    public var path: String { "/proc/self/fd/\(descriptor)" }

    /// Appends bytes.
    /// - Throws: ``FileError``, for example if the disk is full.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let cause = String(cString: strerror(count < 0 ? errno : ENOSPC))
                throw FileError(
                    path: folder,
                    reason: "cannot hold a copy of the input (\(cause)); set TMPDIR to a folder with more space")
            }
            done += count
        }
    }
}
