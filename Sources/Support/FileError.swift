import Glibc

/// A file that could not be read or written: where, why, and what may help.
public struct FileError: Error, Equatable, CustomStringConvertible {
    public let path: String
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// What the system says by its error number, with advice where there is some.
    /// - Parameter doing: the verb, such as `read`.
    public init(_ code: Int32, _ doing: String, _ path: String) {
        let advice =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: "; free some space or write elsewhere"
            case EACCES, EPERM, EROFS: doing == "read" ? "" : "; write to a folder that is yours"
            case ENOENT: doing == "read" ? "" : "; the folder does not exist"
            case EEXIST: "; --force replaces it"
            default: ""
            }
        self.init(path: path, reason: "cannot \(doing): \(String(cString: strerror(code)))\(advice)")
    }

    public var description: String { "\(path): \(reason)" }
}
