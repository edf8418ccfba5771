import CGStreamer
import GStreamerKit
import Sphere

/// A custom query for the overlap of the faces from the `cubemapsplit` upstream, in pixels. Frames carry it in their
/// cube map meta; elements that negotiate caps need it before the first frame.
///
/// Only the overlap is queried: the face size may change while frames are queued, the overlap does not. The query passes
/// queues and takes no stream lock.
enum CubeMapQuery {
    private static let name = "pentimento/cube-map"
    private static let field = "overlap"

    /// Writes the overlap into this query; false for every other query.
    static func answer(_ query: UnsafeMutablePointer<GstQuery>, overlap: Int) -> Bool {
        guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_get_structure(query),
            gst_structure_has_name(structure, name) != 0, let writable = gst_query_writable_structure(query)
        else { return false }
        StructureWriter(writable).set(field, overlap)
        return true
    }

    /// Nil if no element answers.
    private static func overlap(upstreamOf element: TransformElement) -> Int? {
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty(name)) else { return nil }
        defer { gst_mini_object_unref(miniObject(query)) }
        guard element.askUpstream(query), let structure = gst_query_get_structure(query) else { return nil }
        return StructureReader(structure).integer(field)
    }

    /// The geometry of frames of a size.
    ///
    /// - Throws: ``ElementError`` if there is no `cubemapsplit` upstream, or the size does not fit its output.
    static func geometry(
        upstreamOf element: TransformElement, named elementName: String, width: Int, height: Int
    ) throws -> CubeGeometry {
        guard let overlap = overlap(upstreamOf: element) else {
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
