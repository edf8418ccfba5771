import GStreamerKit
import Sphere

/// The faces that frames are, for whoever has to know before there are any.
///
/// Only the overlap is asked for: sizes may change while frames wait in queues, the overlap does not.
enum CubeMapQuery {
    /// The faces of frames of a size, by what the `cubemapsplit` upstream says. Passes queues and takes no lock of the stream.
    ///
    /// - Throws: ``ElementError`` where there is none, or none that makes frames of this size.
    static func geometry(
        upstreamOf element: TransformElement, named elementName: String, width: Int, height: Int
    ) throws -> CubeGeometry {
        guard let overlap = UpstreamQuestion.cubeMapOverlap.ask(upstreamOf: element) else {
            throw missing(before: elementName)
        }
        guard height == CubeMapMeta.faceCount * width else {
            throw ElementError(
                .format, "Frames of \(width)x\(height) are no column of six faces any more.",
                remedy: "Change nothing of their size between cubemapsplit and \(elementName).")
        }
        do {
            return try CubeGeometry(faceSize: width - 2 * overlap, overlap: overlap)
        } catch {
            throw ElementError(
                .format, "Frames of \(width)x\(height): \(error).",
                remedy: "Change nothing of their size between cubemapsplit and \(elementName).")
        }
    }

    /// What is said where frames do not tell of faces.
    static func missing(before elementName: String) -> ElementError {
        ElementError(
            .settings, "Frames come to \(elementName) that cubemapsplit has not made six faces of.",
            remedy: "Put a cubemapsplit before it, and nothing between them that changes the frames' size.")
    }
}
