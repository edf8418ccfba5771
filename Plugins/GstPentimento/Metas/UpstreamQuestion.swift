import CGStreamer
import GStreamerKit

/// A custom query for a number that an element upstream knows.
struct UpstreamQuestion: Sendable {
    /// Name of the query's structure.
    let name: String
    /// Field of the structure that holds the number.
    let field: String

    /// Sends the query and returns the answer; nil if no element answers. The query passes queues and takes no stream
    /// lock.
    func ask(upstreamOf element: TransformElement) -> Int? {
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty(name)) else { return nil }
        defer { gst_mini_object_unref(miniObject(query)) }
        guard element.askUpstream(query), let structure = gst_query_get_structure(query) else { return nil }
        return StructureReader(structure).integer(field)
    }

    /// Whether `query` is this query, for use in `sourceQuery`.
    func isAsked(for query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_get_structure(query) else {
            return false
        }
        return gst_structure_has_name(structure, name) != 0
    }

    /// Writes the answer into the query.
    func answer(_ query: UnsafeMutablePointer<GstQuery>, _ value: Int) {
        guard let structure = gst_query_writable_structure(query) else { return }
        StructureWriter(structure).set(field, value)
    }
}

extension UpstreamQuestion {
    /// The largest reference distance of the `opticalflow` upstream. `styleoptimize` needs it to keep enough earlier
    /// results.
    static let farthestReference = UpstreamQuestion(name: "pentimento/farthest-reference", field: "distance")

    /// The overlap of the faces from the `cubemapsplit` upstream, in pixels. Frames carry it in their cube map meta;
    /// elements that negotiate caps need it before the first frame.
    static let cubeMapOverlap = UpstreamQuestion(name: "pentimento/cube-map", field: "overlap")
}
