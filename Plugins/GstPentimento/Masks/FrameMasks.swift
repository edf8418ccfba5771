import CGStreamer
import GStreamerKit
import Imaging
import Style

/// Finds each frame's mask for an element that has the ``MaskProperties``. Used by the streaming thread.
final class FrameMasks {
    private let picture = MaskPicture()
    private var fitter = MaskFitter()
    private var hasSaidOpaque = false

    /// - Throws: if the mask is a picture that cannot be read.
    func start(_ settings: PropertySnapshot) throws {
        hasSaidOpaque = false
        guard settings[MaskProperties.source] == .picture else { return }
        try picture.load(settings[MaskProperties.location])
    }

    func stop() {
        picture.unload()
        fitter = MaskFitter()
    }

    /// The mask of a frame, of its size; nil: it is painted everywhere.
    func mask(
        for pixels: FramePixels, of buffer: UnsafeMutablePointer<GstBuffer>, _ settings: PropertySnapshot,
        threads: Int, element: TransformElement
    ) -> Plane<UInt8>? {
        let found: Plane<UInt8>?
        switch settings[MaskProperties.source] {
        case .none: return nil
        case .alpha:
            found = pixels.packed?.alphaPlane(threads: threads)
            if found == nil { sayOpaque(element) }
        case .picture:
            let (mask, failure) = picture.mask(of: settings[MaskProperties.location])
            if let failure {
                element.post(
                    .warning, ElementError(failure.kind, failure.cause, remedy: "\(failure.remedy) Nothing changes."))
            }
            found = mask
        case .meta: found = MaskMeta.find(in: buffer, warn: element.warnOnce)
        }
        let options = MaskOptions(
            isInverted: settings[MaskProperties.invert], feather: settings[MaskProperties.feather])
        return found.map {
            fitter.fitted($0, options: options, width: pixels.width, height: pixels.height, threads: threads)
        }
    }

    private func sayOpaque(_ element: TransformElement) {
        if hasSaidOpaque { return }
        hasSaidOpaque = true
        element.post(
            .warning,
            ElementError(
                .format, "With mask=alpha, frames without alpha are painted everywhere; these are of such a format.",
                remedy: "Have the elements before this one send RGBA."))
    }
}
