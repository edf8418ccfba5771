import MediaIO
import Shots

/// An error of work on shots, with an exit code of its own, so that who starts many such commands can tell causes apart.
struct ShotFailure: Error, CustomStringConvertible {
    enum Code: Int32 {
        /// The list of shots is wrong, or has no such shot.
        case list = 3
        /// The list belongs to another film, or to other settings.
        case mismatch = 4
        /// The film or a part cannot be decoded.
        case decoding = 5
        /// A part is missing, is there twice, or is of other settings.
        case parts = 6
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// The list of a file.
    ///
    /// - Throws: ``ShotFailure`` if it is none.
    static func list(_ path: String) throws -> ShotList {
        do { return try ShotList(contentsOf: path) } catch { throw ShotFailure(.list, "\(error)") }
    }
}
