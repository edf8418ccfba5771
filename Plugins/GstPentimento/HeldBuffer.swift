import CGStreamer
import GStreamerKit

/// A frame that a stylizer holds until the next one is painted. Used by the streaming thread.
final class HeldBuffer {
    /// Owned until it is taken.
    private var buffer: UnsafeMutablePointer<GstBuffer>?
    /// The frame's number as counted by `opticalflow`.
    private var number: UInt64 = 0

    /// Holds a reference to a frame.
    func hold(_ buffer: UnsafeMutablePointer<GstBuffer>, number: UInt64) {
        drop()
        self.buffer = gst_buffer_ref(buffer)
        self.number = number
    }

    /// The frame, if the flow of another leads to it; the caller does not own it.
    func frame(before flow: FlowMeta?) -> UnsafeMutablePointer<GstBuffer>? {
        flow?.frame == number &+ 1 ? buffer : nil
    }

    /// The frame, writable; the caller owns it.
    func take() -> UnsafeMutablePointer<GstBuffer>? {
        defer { buffer = nil }
        return buffer
    }

    func drop() { if let buffer = take() { gst_buffer_unref(buffer) } }

    deinit { drop() }
}
