import CGStreamer
import GStreamerKit
import Synchronization

/// Finds out whether an element downstream reads the flow, certainty and prior metas.
///
/// Their payloads are ten times the frame's size, and an encoder may hold 50 frames. So the stylizer keeps them only if
/// an element downstream answers this query. The answer is kept, for the streaming thread, until ``forget()``.
final class MetaReaders {
    private static let name = "pentimento/read-metas"

    private let isKnown = Atomic(false)
    private var answer = true

    /// Asks again before the next frame. Thread-safe.
    func forget() { isKnown.store(false, ordering: .releasing) }

    /// Whether an element downstream reads the metas. The query passes queues and takes no stream lock.
    func exist(downstreamOf element: TransformElement) -> Bool {
        // Set before the query, so that a change during it leads to another.
        if !isKnown.exchange(true, ordering: .acquiringAndReleasing) { answer = Self.ask(downstreamOf: element) }
        return answer
    }

    private static func ask(downstreamOf element: TransformElement) -> Bool {
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
    func dropsMetas(of element: TransformElement, _ readers: MetaReaders) -> Bool {
        self == .drop || self == .auto && !readers.exist(downstreamOf: element)
    }
}
