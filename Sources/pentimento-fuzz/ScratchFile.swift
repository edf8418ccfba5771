import Glibc
import Support

enum ProcessNumber {
    static let value = getpid()
}

/// A file that is overwritten for each input, without syncing to disk.
enum ScratchFile {
    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileError(errno, "write", path) }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw FileError(errno, "write", path) }
    }
}
