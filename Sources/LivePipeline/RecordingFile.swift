import Glibc
import MediaIO
import Support

/// A file that is written while it lasts, as `NAME.part.mkv`, and gets its name when it is complete. No file is
/// replaced: names that are taken get numbers.
final class RecordingFile: Sendable {
    /// Its name at last, unless that is taken meanwhile.
    let path: String
    /// Where it is written.
    let temporaryPath: String

    private static let most = 10_000

    /// - Throws: if there can be no file in the folder.
    init(_ wanted: String) throws(MediaError) {
        for number in 1...Self.most {
            let path = Self.numbered(wanted, number)
            let part = Self.named(path, "part")
            if Files.isThere(path) { continue }
            let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
            if descriptor < 0 && errno == EEXIST { continue }
            guard descriptor >= 0 else { throw .system(errno, "write", path) }
            close(descriptor)
            (self.path, temporaryPath) = (path, part)
            return
        }
        throw MediaError("\(wanted): there are \(Self.most) files of this name; name it otherwise")
    }

    /// Gives it its name.
    ///
    /// - Returns: that; nil if there is nothing in it, and it is removed.
    /// - Throws: if it cannot be named; it stays as ``temporaryPath``.
    func finish() throws(MediaError) -> String? {
        guard let length = Files.facts(of: temporaryPath)?.length, length > 0 else {
            unlink(temporaryPath)
            return nil
        }
        var number = 1
        while number <= Self.most {
            let target = Self.numbered(path, number)
            // Unlike rename, link fails if the name is taken.
            if link(temporaryPath, target) == 0 {
                unlink(temporaryPath)
                return target
            }
            if errno != EEXIST {
                // Some file systems have no links.
                guard !Files.isThere(target), rename(temporaryPath, target) == 0 else {
                    throw .system(errno, "name the recording", target)
                }
                return target
            }
            number += 1
        }
        return temporaryPath
    }

    /// `clip.mkv`, `clip-2.mkv` and so on.
    static func numbered(_ path: String, _ number: Int) -> String {
        number == 1 ? path : named(path, nil, "-\(number)")
    }

    private static func named(_ path: String, _ word: String?, _ suffix: String = "") -> String {
        let ending = FileName.ending(of: path).count
        let stem = ending == 0 ? path : String(path.dropLast(ending + 1))
        return "\(stem)\(suffix)\(word.map { ".\($0)" } ?? "").\(path.suffix(ending))"
    }
}
