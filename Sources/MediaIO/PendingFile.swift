import Glibc

/// An output that appears under its name only when it is whole: it is written under a temporary name in the same
/// folder, and `commit` makes it durable and renames it. Unless committed, it is removed when the last reference goes.
public final class PendingFile {
    /// Where it is to appear.
    public let path: String
    /// Where it is written until then.
    public let temporaryPath: String
    private let replacing: Bool
    /// Whether it is a device or a pipe, which is written to as it is.
    let isDevice: Bool
    private var isPending: Bool

    /// Reserves the temporary name, so that a folder that is missing, full or not writable is noticed before long work.
    ///
    /// - Parameter replacing: whether a file of that name may be replaced. Devices and pipes are written to as they are.
    public init(_ path: String, replacing: Bool) throws(MediaError) {
        self.path = path
        self.replacing = replacing
        var status = stat()
        let exists = stat(path, &status) == 0
        isDevice = exists && status.st_mode & S_IFMT != S_IFREG
        if exists && status.st_mode & S_IFMT == S_IFDIR { throw MediaError("\(path): is a folder; name a file") }
        if isDevice {
            temporaryPath = path
            isPending = false
            return
        }
        if exists && !replacing { throw .system(EEXIST, "write", path) }

        let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        // The ending stays, for whoever looks at it.
        temporaryPath = "\(path[..<cut]).\(getpid()).partial.\(path[cut...])"
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw .system(errno, "write", path) }
        close(descriptor)
        isPending = true
    }

    deinit { discard() }

    /// Removes what has been written so far.
    public func discard() {
        guard isPending else { return }
        unlink(temporaryPath)
        isPending = false
    }

    /// Waits until the bytes are on disk and gives the file its name.
    public func commit() throws(MediaError) {
        guard isPending else { return }
        let descriptor = open(temporaryPath, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw .system(errno, "write", path) }
        let synced = fsync(descriptor)
        let failure = errno
        close(descriptor)
        if synced != 0 { throw .system(failure, "write", path) }

        if replacing {
            if rename(temporaryPath, path) != 0 { throw .system(errno, "write", path) }
        } else {
            // A link fails where the name has been taken in the meantime; a rename would replace that file.
            if link(temporaryPath, path) == 0 {
                unlink(temporaryPath)
            } else if errno == EEXIST || rename(temporaryPath, path) != 0 {
                throw .system(errno, "write", path)
            }
        }
        isPending = false
        syncFolder()
    }

    /// Writes `bytes` as the whole file.
    public static func write(_ bytes: [UInt8], to path: String, replacing: Bool) throws(MediaError) {
        let file = try PendingFile(path, replacing: replacing)
        let descriptor = open(file.temporaryPath, O_WRONLY | O_CLOEXEC)
        if descriptor < 0 { throw .system(errno, "write", path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { throw .system(errno, "write", path) }
            rest = rest.dropFirst(count)
        }
        try file.commit()
    }

    /// The new name is durable once its folder is.
    private func syncFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { return }
        fsync(descriptor)
        close(descriptor)
    }
}
