import CGStreamer
import GStreamerKit

/// Whether anybody downstream reads the metas of flow, certainty and prior.
///
/// Their payload is ten times the frame's own size, and an encoder holds its last fifty frames: so what the stylizer
/// sends on keeps them only where an element that reads them answers this query.
enum MetaReaders {
    private static let name = "pentimento/read-metas"

    /// Asks downstream; passes queues and takes no lock of the stream.
    static func exist(downstreamOf element: TransformElement) -> Bool {
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty(name)) else { return true }
        defer { gst_mini_object_unref(miniObject(query)) }
        return element.askDownstream(query)
    }

    /// Whether `query` is this question: what a reader answers from `sinkQuery`.
    static func areAsked(for query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_get_structure(query) else {
            return false
        }
        return gst_structure_has_name(structure, name) != 0
    }

    /// Takes the metas off a frame.
    static func removeMetas(from buffer: UnsafeMutablePointer<GstBuffer>) {
        FlowMeta.removeAll(from: buffer)
        CertaintyMeta.removeAll(from: buffer)
        PriorMeta.removeAll(from: buffer)
    }
}

/// What becomes of a frame's metas behind an element that stylizes it.
enum MetaPolicy: String, PropertyChoice {
    case auto, keep, drop
    static let typeName = "PentimentoMetaPolicy"
    var blurb: String {
        switch self {
        case .auto: "Keep them where an element downstream reads them, such as temporalmeter or flowdraw"
        case .keep: "Keep them, for an application that reads them"
        case .drop: "Take them off: frames that wait in an encoder need less memory"
        }
    }

    /// Whether frames leave the element without their metas.
    func dropsMetas(of element: TransformElement) -> Bool {
        self == .drop || self == .auto && !MetaReaders.exist(downstreamOf: element)
    }
}
