import CGStreamer
import GStreamerKit
import Sphere

/// How far the faces reach over their neighbours that the `cubemapsplit` upstream makes.
///
/// Frames say so themselves; but whoever has to know what becomes of them before there are any asks. Sizes may
/// change while frames wait in queues, the overlap does not.
enum CubeMapQuery {
    private static let name = "pentimento/cube-map"
    private static let field = "overlap"

    /// The faces of frames of a size, by what the `cubemapsplit` upstream says. Passes queues and takes no lock of the stream.
    ///
    /// - Throws: ``ElementError`` where there is none, or none that makes frames of this size.
    static func geometry(
        upstreamOf element: TransformElement, named elementName: String, width: Int, height: Int
    ) throws -> CubeGeometry {
        guard let overlap = overlap(upstreamOf: element) else { throw missing(before: elementName) }
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

    private static func overlap(upstreamOf element: TransformElement) -> Int? {
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty(name)) else { return nil }
        defer { gst_mini_object_unref(miniObject(query)) }
        guard element.askUpstream(query), let structure = gst_query_get_structure(query) else { return nil }
        return StructureReader(structure).integer(field)
    }

    /// Whether `query` is this question: what `cubemapsplit` answers from `sourceQuery`.
    static func isAsked(for query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_get_structure(query) else {
            return false
        }
        return gst_structure_has_name(structure, name) != 0
    }

    static func answer(_ query: UnsafeMutablePointer<GstQuery>, overlap: Int) {
        guard let structure = gst_query_writable_structure(query) else { return }
        StructureWriter(structure).set(field, overlap)
    }
}
