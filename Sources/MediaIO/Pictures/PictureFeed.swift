import CGStreamer
import Synchronization

/// Decodes the pictures of an input, on the thread of an `appsrc`, for the elements behind it.
final class PictureFeed: Sendable {
    /// Of the errors that it posts, which are those of ``PictureSequence``.
    static let errorDomain = g_quark_from_string("pentimento-picture")

    private struct State {
        var pictures: PictureSequence
        /// Of the last picture.
        var caps = ""
        /// Whether a picture had alpha. The others then get it too, so that elements need not begin anew with each.
        var hasAlpha = false
    }

    private let state: Mutex<State>
    /// As in caps.
    private let frameRate: String

    private init(_ input: MediaInput, _ settings: PictureSettings) {
        state = Mutex(State(pictures: PictureSequence(input, settings)))
        frameRate =
            if case .frames = input.kind {
                "\(settings.frameRate.numerator)/\(settings.frameRate.denominator)"
            } else {
                "0/1"
            }
    }

    /// Has an `appsrc` named `source` give the pictures of an input.
    static func attach(_ input: MediaInput, _ settings: PictureSettings, to pipeline: Pipeline) {
        _ = pipeline.child("source") { source in
            var callbacks = GstAppSrcCallbacks()
            callbacks.need_data = { source, _, data in
                guard let source, let data else { return }
                Unmanaged<PictureFeed>.fromOpaque(data).takeUnretainedValue().push(to: source)
            }
            gst_app_src_set_callbacks(
                source.of(GstAppSrc.self), &callbacks, Unmanaged.passRetained(PictureFeed(input, settings)).toOpaque(),
                { data in if let data { Unmanaged<PictureFeed>.fromOpaque(data).release() } })
        }
    }

    private func push(to source: UnsafeMutablePointer<GstAppSrc>) {
        state.withLock { state in
            do throws(MediaError) {
                guard let frame = try state.pictures.next() else {
                    gst_app_src_end_of_stream(source)
                    return
                }
                guard let buffer = frame.picture.buffer() else { throw MediaError("no memory for a picture") }
                buffer.pointee.pts = GstClockTime(frame.time)
                if let duration = frame.duration { buffer.pointee.duration = GstClockTime(duration) }
                state.hasAlpha = state.hasAlpha || frame.picture.hasAlpha
                let caps = caps(of: frame.picture, withAlpha: state.hasAlpha)
                if caps != state.caps, let parsed = gst_caps_from_string(caps) {
                    gst_app_src_set_caps(source, parsed)
                    gst_caps_unref(parsed)
                    state.caps = caps
                }
                gst_app_src_push_buffer(source, buffer)
            } catch {
                post(error, from: source)
                gst_app_src_end_of_stream(source)
            }
        }
    }

    private func caps(of picture: Picture, withAlpha hasAlpha: Bool) -> String {
        "video/x-raw,format=\(hasAlpha ? "RGBA" : "RGBx"),width=\(picture.width),height=\(picture.height),"
            + "framerate=\(frameRate)"
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

extension Picture {
    /// A new buffer with the pixels; nil if there is no memory for it.
    fileprivate func buffer() -> UnsafeMutablePointer<GstBuffer>? {
        pixels.withUnsafeBytes { gst_buffer_new_memdup($0.baseAddress, UInt($0.count)) }
    }
}
