import Glibc
import MediaIO
import Shots
import Support

/// Whether a file is the film of a list, by its length and its digest.
enum FilmCheck {
    /// - Throws: ``ShotFailure`` if it is not.
    static func check(_ path: String, is film: ShotList.Film, list: String) throws {
        func failure(_ what: String) -> ShotFailure {
            ShotFailure(.mismatch, "\(list): belongs to another file than \(path): \(what); write a list for this one")
        }
        guard let (length, _) = Files.facts(of: path) else { throw MediaError("\(path): no such file") }
        guard length == film.bytes else { throw failure("\(film.bytes) bytes, not \(length)") }
        guard try digest(of: path) == film.sha256 else { throw failure("its SHA-256 differs") }
    }

    /// The kept digest of a file; if there is none, it is read.
    private static func digest(of path: String) throws -> String {
        if let kept = place(of: path), let bytes = try? Files.read(kept, limit: 64), bytes.count == 64 {
            return String(decoding: bytes, as: UTF8.self)
        }
        return try read(path).sha256
    }

    /// Reads a film, and keeps its digest: a machine that paints a hundred shots reads the film once for it.
    ///
    /// - Returns: its SHA-256 and length.
    /// - Throws: if it cannot be read, or a signal comes.
    static func read(_ path: String) throws -> (sha256: String, bytes: Int) {
        let kept = place(of: path)
        let digest = try Interrupt.guarding {
            guard let digest = try Files.digest(of: path, goesOn: { Interrupt.received == nil }) else {
                throw MediaError("\(path): interrupted while it was read")
            }
            return digest
        }
        // Where nothing can be kept, the film is read again.
        if let kept { try? WholeFile.write(Array(digest.sha256.utf8), to: kept, replacing: true) }
        return digest
    }

    /// Where the digest of a file is kept, by what changes with its content; nil if there is no such folder.
    private static func place(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, let folder = cacheFolder else { return nil }
        let facts = [
            UInt64(status.st_dev), UInt64(status.st_ino), UInt64(bitPattern: Int64(status.st_size)),
            UInt64(bitPattern: Int64(status.st_mtim.tv_sec)), UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)),
            UInt64(bitPattern: Int64(status.st_ctim.tv_sec)), UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
        ]
        return "\(folder)/\(facts.map { String($0, radix: 36) }.joined(separator: "-")).sha256"
    }

    /// `$XDG_CACHE_HOME/pentimento/films`, or in `~/.cache`.
    private static var cacheFolder: String? {
        func variable(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        guard let base = variable("XDG_CACHE_HOME") ?? variable("HOME").map({ $0 + "/.cache" }) else { return nil }
        for folder in [base, "\(base)/pentimento", "\(base)/pentimento/films"] { mkdir(folder, 0o700) }
        return "\(base)/pentimento/films"
    }
}
