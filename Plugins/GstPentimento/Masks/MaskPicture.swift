import GStreamerKit
import Imaging
import MediaIO
import Style

/// The picture that is a mask. A new one is read on another thread; the old one is used until then. Used by the streaming
/// thread.
final class MaskPicture {
    private struct Loaded: Sendable {
        let path: String
        let result: Result<Plane<UInt8>, ElementError>
    }

    /// Pixels of the largest picture.
    private static let largestPixelCount = 1 << 26

    private var mask: Plane<UInt8>?
    /// What ``mask`` was read from, or what could not be read.
    private var path: String?
    private let loading = Background<Loaded>()

    /// Reads the picture and waits for it.
    ///
    /// - Throws: if there is none, or it cannot be read.
    func load(_ path: String) throws(ElementError) {
        mask = try Self.read(path)
        self.path = path
    }

    /// The mask for the next frame; nil until there is one.
    ///
    /// - Returns: beside it what is wrong with a new picture, once. The old one stays.
    func mask(of path: String) -> (mask: Plane<UInt8>?, failure: ElementError?) {
        var failure: ElementError?
        if let loaded = loading.take() {
            self.path = loaded.path
            switch loaded.result {
            case .success(let read): mask = read
            case .failure(let error): failure = error
            }
        }
        if path != self.path, !loading.isBusy {
            loading.start {
                Loaded(path: path, result: Result { () throws(ElementError) in try Self.read(path) })
            }
        }
        return (mask, failure)
    }

    /// Releases the picture.
    func unload() {
        loading.finish()
        mask = nil
        path = nil
    }

    private static func read(_ path: String) throws(ElementError) -> Plane<UInt8> {
        let remedy = "Set mask-location to a picture that is white where to paint."
        guard !path.isEmpty else {
            throw ElementError(.settings, "With mask=picture, mask-location has to name one.", remedy: remedy)
        }
        do {
            // Transparent pixels count as black.
            return try Image(contentsOf: path, over: 0, largestPixelCount: largestPixelCount).luma()
        } catch {
            throw ElementError(.read, "The mask cannot be read: \(error).", remedy: remedy)
        }
    }
}
