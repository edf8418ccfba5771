import CGStreamer
import Synchronization

/// Gives frames that a program makes to an `appsrc`, on whose thread they are made.
package final class FrameFeed: Sendable {
    /// A frame, whose reference is taken.
    package struct Frame {
        /// What it is, as text.
        package let caps: String
        package let buffer: UnsafeMutablePointer<GstBuffer>

        package init(caps: String, buffer: UnsafeMutablePointer<GstBuffer>) {
            self.caps = caps
            self.buffer = buffer
        }
    }

    /// Of the errors that are posted; their text is for people.
    static let errorDomain = g_quark_from_string("pentimento-frames")

    private struct State {
        var next: () throws(MediaError) -> Frame?
        /// Of the last frame.
        var caps = ""
    }

    private let state: Mutex<State>

    private init(_ next: sending @escaping () throws(MediaError) -> Frame?) {
        state = Mutex(State(next: next))
    }

    /// Has an element named `source` give frames.
    ///
    /// - Parameter next: the next frame, nil after the last; its error ends the pipeline's run.
    package static func attach(
        to pipeline: Pipeline, _ next: sending @escaping () throws(MediaError) -> Frame?
    ) {
        let feed = FrameFeed(next)
        _ = pipeline.child("source") { source in
            var callbacks = GstAppSrcCallbacks()
            callbacks.need_data = { source, _, data in
                guard let source, let data else { return }
                Unmanaged<FrameFeed>.fromOpaque(data).takeUnretainedValue().push(to: source)
            }
            gst_app_src_set_callbacks(
                source.of(GstAppSrc.self), &callbacks, Unmanaged.passRetained(feed).toOpaque(),
                { data in if let data { Unmanaged<FrameFeed>.fromOpaque(data).release() } })
        }
    }

    private func push(to source: UnsafeMutablePointer<GstAppSrc>) {
        state.withLock { state in
            do throws(MediaError) {
                guard let frame = try state.next() else {
                    gst_app_src_end_of_stream(source)
                    return
                }
                if frame.caps != state.caps, let caps = gst_caps_from_string(frame.caps) {
                    gst_app_src_set_caps(source, caps)
                    gst_caps_unref(caps)
                    state.caps = frame.caps
                }
                gst_app_src_push_buffer(source, frame.buffer)
            } catch {
                post(error, from: source)
                gst_app_src_end_of_stream(source)
            }
        }
    }

    private func post(_ error: MediaError, from source: UnsafeMutablePointer<GstAppSrc>) {
        guard let failure = g_error_new_literal(Self.errorDomain, 0, error.description) else { return }
        defer { g_error_free(failure) }
        let element = UnsafeMutableRawPointer(source)
        gst_element_post_message(
            element.assumingMemoryBound(to: GstElement.self),
            gst_message_new_error(element.assumingMemoryBound(to: GstObject.self), failure, nil))
    }
}
