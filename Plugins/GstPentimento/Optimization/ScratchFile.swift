import CGStreamer
import GStreamerKit
import Glibc

/// An unlinked temporary file, whose content is freed when the process ends, even after a crash.
final class ScratchFile {
    private let descriptor: Int32
    private let folder: String
    /// Reserved bytes.
    private(set) var size = 0

    /// - Parameter folder: where the file is created; empty: the system's temporary folder.
    /// - Throws: ``ElementError`` if no file can be created there.
    init(folder: String) throws {
        self.folder = folder.isEmpty ? String(cString: g_get_tmp_dir()) : folder
        var name = Array("\(self.folder)/pentimento-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw Self.error(errno, in: self.folder) }
        unlink(name)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Reserves bytes, so that a lack of disk space is an error before the work starts.
    ///
    /// - Returns: their offset.
    /// - Throws: ``ElementError`` if there is not enough disk space.
    func reserve(_ count: Int) throws -> Int {
        let start = size
        let failure = count > 0 ? posix_fallocate(descriptor, off_t(start), off_t(count)) : 0
        guard failure == 0 else { throw Self.error(failure, in: folder) }
        size += count
        return start
    }

    /// Writes values at a reserved offset.
    func write<Value>(_ values: [Value], at start: Int) throws {
        try values.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = pwrite(
                    descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(start + done))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw Self.error(count == 0 ? ENOSPC : errno, in: folder) }
                done += count
            }
        }
    }

    /// Reads `count` values from the offset where they were written.
    func read<Value>(_ count: Int, at start: Int, zero: Value) throws -> [Value] {
        var values = [Value](repeating: zero, count: count)
        try values.withUnsafeMutableBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = pread(
                    descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(start + done))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw Self.error(count == 0 ? EIO : errno, in: folder) }
                done += count
            }
        }
        return values
    }

    private static func error(_ code: Int32, in folder: String) -> ElementError {
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return ElementError(
            .store, "The frames of a shot cannot be kept in \(folder): \(reason).",
            remedy: "Make room there, or set store-location to a folder on a larger disk.")
    }
}
