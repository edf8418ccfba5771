import CGStreamer
import GStreamerKit

/// How far back the references of the `opticalflow` upstream reach.
///
/// Whoever keeps earlier results for them has to know it before the first frame that has one so far back.
enum FarthestReference {
    private static let name = "pentimento/farthest-reference"
    private static let field = "distance"

    /// Asks upstream, in frames; nil where nobody answers. Passes queues and takes no lock of the stream.
    static func ask(upstreamOf element: TransformElement) -> Int? {
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty(name)) else { return nil }
        defer { gst_mini_object_unref(miniObject(query)) }
        guard element.askUpstream(query), let structure = gst_query_get_structure(query) else { return nil }
        return StructureReader(structure).integer(field)
    }

    /// Whether `query` is this question: what `opticalflow` answers from `sourceQuery`.
    static func isAsked(for query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_get_structure(query) else {
            return false
        }
        return gst_structure_has_name(structure, name) != 0
    }

    static func answer(_ query: UnsafeMutablePointer<GstQuery>, distance: Int) {
        guard let structure = gst_query_writable_structure(query) else { return }
        StructureWriter(structure).set(field, distance)
    }
}
