import Synchronization

/// A reader of further formats of pictures, which a program adds. The plugin does without, and without its libraries.
package enum AddedDecoder {
    /// Gives the decoder of a file; nil if the file is of another format.
    package typealias Opening = @Sendable (_ path: String) throws(MediaError) -> (any PictureDecoder)?

    private static let opening = Mutex<Opening?>(nil)

    /// Has all pictures that no reader of this module knows by their first bytes be tried by another one.
    package static func add(_ new: @escaping Opening) { opening.withLock { $0 = new } }

    static func open(_ path: String) throws(MediaError) -> (any PictureDecoder)? {
        guard let open = opening.withLock({ $0 }) else { return nil }
        return try open(path)
    }
}
