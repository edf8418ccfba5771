import CGStreamer
import GStreamerKit

/// Finds out whether an element downstream reads the flow, certainty and prior metas.
///
/// Their payloads are ten times the frame's size, and an encoder may hold 50 frames. So the stylizer keeps them only if
/// an element downstream answers this query.
enum MetaReaders {
    private static let name = "pentimento/read-metas"

    /// Asks downstream. The query passes queues and takes no stream lock.
    static func exist(downstreamOf element: TransformElement) -> Bool {
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty(name)) else { return true }
        defer { gst_mini_object_unref(miniObject(query)) }
        return element.askDownstream(query)
    }

    /// Whether `query` is this query, which a reader answers with true from `sinkQuery`.
    static func areAsked(for query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_get_structure(query) else {
            return false
        }
        return gst_structure_has_name(structure, name) != 0
    }

    /// Removes the flow, certainty and prior metas from a frame.
    static func removeMetas(from buffer: UnsafeMutablePointer<GstBuffer>) {
        FlowMeta.removeAll(from: buffer)
        CertaintyMeta.removeAll(from: buffer)
        PriorMeta.removeAll(from: buffer)
    }
}

/// Whether an element that stylizes a frame keeps its metas.
enum MetaPolicy: String, PropertyChoice {
    case auto, keep, drop
    static let typeName = "PentimentoMetaPolicy"
    var blurb: String {
        switch self {
        case .auto: "Keep them if an element downstream reads them, such as temporalmeter or flowdraw"
        case .keep: "Always keep them, for an application that reads them"
        case .drop: "Remove them: frames queued in an encoder then need less memory"
        }
    }

    /// Whether the element removes the metas from outgoing frames.
    func dropsMetas(of element: TransformElement) -> Bool {
        self == .drop || self == .auto && !MetaReaders.exist(downstreamOf: element)
    }
}
