import Glibc

/// A file that could not be read or written: path, reason, and a remedy if there is one.
public struct FileError: Error, Equatable, CustomStringConvertible {
    /// The path as given by the caller.
    public let path: String
    /// What is wrong, to follow the path.
    public let reason: String

    /// - Parameter reason: to follow the path, such as "is not a folder".
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The system's error message, with a remedy if there is one.
    /// - Parameter doing: the verb, such as `read`.
    public init(_ code: Int32, _ doing: String, _ path: String) {
        let advice =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: "; free some space or write elsewhere"
            case EACCES, EPERM, EROFS: doing == "read" ? "" : "; write to a folder that is yours"
            case ENOENT: doing == "read" ? "" : "; the folder does not exist: mkdir -p \(Self.folder(of: path))"
            case EEXIST: "; --force replaces it"
            default: ""
            }
        self.init(path: path, reason: "cannot \(doing): \(String(cString: strerror(code)))\(advice)")
    }

    private static func folder(of path: String) -> String {
        let folder = Files.folder(of: path).dropLast()
        let isPlain = folder.allSatisfy { $0.isLetter || $0.isNumber || "/._-+%".contains($0) }
        return isPlain ? String(folder) : "'\(folder)'"
    }

    /// One line: path, colon, reason.
    public var description: String { "\(path): \(reason)" }
}
