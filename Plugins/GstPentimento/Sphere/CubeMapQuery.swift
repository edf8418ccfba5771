import GStreamerKit
import Sphere

/// Asks upstream for the cube geometry before the first frame arrives.
///
/// Only the overlap is queried: the face size may change while frames are queued, the overlap does not.
enum CubeMapQuery {
    /// The geometry of frames of a size, with the overlap of the `cubemapsplit` upstream. The query passes queues and
    /// takes no stream lock.
    ///
    /// - Throws: ``ElementError`` if there is no `cubemapsplit` upstream, or the size does not fit its output.
    static func geometry(
        upstreamOf element: TransformElement, named elementName: String, width: Int, height: Int
    ) throws -> CubeGeometry {
        guard let overlap = UpstreamQuestion.cubeMapOverlap.ask(upstreamOf: element) else {
            throw missing(before: elementName)
        }
        guard height == CubeMapMeta.faceCount * width else {
            throw ElementError(
                .format, "Frames of \(width)x\(height) are not six stacked cube faces any more.",
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

    /// The error for frames without a cube map meta.
    static func missing(before elementName: String) -> ElementError {
        ElementError(
            .settings, "Frames that reach \(elementName) are not six cube faces from cubemapsplit.",
            remedy: "Put a cubemapsplit before it, and nothing between them that changes the frames' size.")
    }
}
