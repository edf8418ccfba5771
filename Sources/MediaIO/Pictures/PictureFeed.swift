import CGStreamer
import Synchronization

/// The pictures of an input as GStreamer has them, decoded on the thread that asks for them.
package final class PictureFrames: Sendable {
    private struct State {
        var pictures: PictureSequence
        /// Whether a picture had alpha. The others then get it too, so that elements need not begin anew with each.
        var hasAlpha = false
    }

    private let state: Mutex<State>
    /// As in caps.
    private let frameRate: String

    /// - Parameter input: one with pictures.
    package init(_ input: MediaInput, _ settings: PictureSettings) {
        state = Mutex(State(pictures: PictureSequence(input, settings)))
        frameRate =
            if case .frames = input.kind {
                "\(settings.frameRate.numerator)/\(settings.frameRate.denominator)"
            } else {
                "0/1"
            }
    }

    /// Has an `appsrc` named `source` give the pictures.
    package func attach(to pipeline: Pipeline) {
        FrameFeed.attach(to: pipeline) { () throws(MediaError) in try self.next() }
    }

    /// Names of the files that were left out.
    package var skipped: [String] { state.withLock { $0.pictures.skipped } }

    /// Whether a picture had alpha so far.
    package var hasAlpha: Bool { state.withLock { $0.hasAlpha } }

    private func next() throws(MediaError) -> FrameFeed.Frame? {
        let result = state.withLock { state in
            Result { () throws(MediaError) in
                let frame = try state.pictures.next()
                if frame?.picture.hasAlpha == true { state.hasAlpha = true }
                return (frame, state.hasAlpha)
            }
        }
        let (next, hasAlpha) = try result.get()
        guard let frame = next else { return nil }
        guard let buffer = frame.picture.buffer() else { throw MediaError("no memory for a picture") }
        buffer.pointee.pts = GstClockTime(frame.time)
        if let duration = frame.duration { buffer.pointee.duration = GstClockTime(duration) }
        return FrameFeed.Frame(caps: caps(of: frame.picture, withAlpha: hasAlpha), buffer: buffer)
    }

    private func caps(of picture: Picture, withAlpha hasAlpha: Bool) -> String {
        "video/x-raw,format=\(hasAlpha ? "RGBA" : "RGBx"),width=\(picture.width),height=\(picture.height),"
            + "framerate=\(frameRate)"
    }
}

extension Picture {
    /// A new buffer with the pixels; nil if there is no memory for it.
    fileprivate func buffer() -> UnsafeMutablePointer<GstBuffer>? {
        pixels.withUnsafeBytes { gst_buffer_new_memdup($0.baseAddress, UInt($0.count)) }
    }
}
