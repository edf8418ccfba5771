import CGStreamer
import GStreamerKit

/// A number that an element asks the elements upstream for, as a custom query.
struct UpstreamQuestion: Sendable {
    /// Of the query's structure.
    let name: String
    /// Where in it the number stands.
    let field: String

    /// The answer; nil where nobody gives one. Passes queues and takes no lock of the stream.
    func ask(upstreamOf element: TransformElement) -> Int? {
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty(name)) else { return nil }
        defer { gst_mini_object_unref(miniObject(query)) }
        guard element.askUpstream(query), let structure = gst_query_get_structure(query) else { return nil }
        return StructureReader(structure).integer(field)
    }

    /// Whether `query` is this question: what an element that knows looks for in `sourceQuery`.
    func isAsked(for query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_get_structure(query) else {
            return false
        }
        return gst_structure_has_name(structure, name) != 0
    }

    func answer(_ query: UnsafeMutablePointer<GstQuery>, _ value: Int) {
        guard let structure = gst_query_writable_structure(query) else { return }
        StructureWriter(structure).set(field, value)
    }
}

extension UpstreamQuestion {
    /// How many frames back the references of the `opticalflow` upstream reach. Whoever keeps earlier results for them has to know it
    /// before the first frame that has one so far back.
    static let farthestReference = UpstreamQuestion(name: "pentimento/farthest-reference", field: "distance")

    /// How many pixels the faces that the `cubemapsplit` upstream makes reach over their neighbours. Frames say so
    /// themselves; but whoever has to know what becomes of them before there are any asks.
    static let cubeMapOverlap = UpstreamQuestion(name: "pentimento/cube-map", field: "overlap")
}
