import CGStreamer

/// Checks whether a buffer may be on the way from an element to another one downstream.
///
/// Such a buffer is in a queue, is held at a blocked pad, or is being processed by a thread that holds the stream lock
/// of the element's sink pad. A path where none of this is the case carries no buffer.
struct DownstreamPath {
    private let target: UInt
    /// Visited pads, since branches may join again.
    private var seen: Set<UnsafeMutablePointer<GstPad>> = []

    private init(to target: UInt) { self.target = target }

    /// Whether no buffer is on the way from the source pad to an element.
    ///
    /// - Parameter target: the element's address. If it is not found downstream, all branches are checked.
    static func isIdle(from pad: UnsafeMutablePointer<GstPad>, to target: UInt) -> Bool {
        var path = DownstreamPath(to: target)
        return !path.follow(pad).isBusy
    }

    private struct Branch {
        var leadsToTarget = false
        var isBusy = false
    }

    private mutating func follow(_ source: UnsafeMutablePointer<GstPad>) -> Branch {
        guard let sink = gst_pad_get_peer(source) else { return Branch() }
        defer { gst_object_unref(sink) }
        guard seen.insert(sink).inserted else { return Branch() }
        var isBusy = gst_pad_is_blocking(source) != 0 || isStreaming(sink)
        if let parent = gst_object_get_parent(UnsafeMutableRawPointer(sink).assumingMemoryBound(to: GstObject.self)) {
            defer { gst_object_unref(parent) }
            if UInt(bitPattern: parent) == target { return Branch(leadsToTarget: true, isBusy: isBusy) }
            if Self.holdsBuffers(parent) { isBusy = true }
        }
        let branches = followSources(behind: sink)
        let leading = branches.filter(\.leadsToTarget)
        return Branch(
            leadsToTarget: !leading.isEmpty,
            isBusy: isBusy || (leading.isEmpty ? branches : leading).contains(where: \.isBusy))
    }

    /// The branches of the source pads that are internally linked to `sink`.
    private mutating func followSources(behind sink: UnsafeMutablePointer<GstPad>) -> [Branch] {
        guard let iterator = gst_pad_iterate_internal_links(sink) else { return [] }
        defer { gst_iterator_free(iterator) }
        var branches: [Branch] = []
        var value = GValue()
        defer { g_value_unset(&value) }
        while gst_iterator_next(iterator, &value) == GST_ITERATOR_OK {
            if let object = g_value_get_object(&value) {
                branches.append(follow(object.assumingMemoryBound(to: GstPad.self)))
            }
            g_value_reset(&value)
        }
        return branches
    }

    /// Whether an element is a queue that is not empty.
    private static func holdsBuffers(_ element: UnsafeMutablePointer<GstObject>) -> Bool {
        let object = UnsafeMutableRawPointer(element).assumingMemoryBound(to: GObject.self)
        let name = "current-level-buffers"
        let type = UnsafeRawPointer(object).load(as: UnsafeMutablePointer<GObjectClass>.self)
        guard g_object_class_find_property(type, name) != nil else { return false }
        var value = GValue()
        g_value_init(&value, FundamentalType.int)
        defer { g_value_unset(&value) }
        g_object_get_property(object, name, &value)
        return g_value_get_int(&value) > 0
    }
}

/// Whether a thread holds the stream lock of a sink pad.
func isStreaming(_ pad: UnsafeMutablePointer<GstPad>) -> Bool {
    guard g_rec_mutex_trylock(&pad.pointee.stream_rec_lock) != 0 else { return true }
    g_rec_mutex_unlock(&pad.pointee.stream_rec_lock)
    return false
}
