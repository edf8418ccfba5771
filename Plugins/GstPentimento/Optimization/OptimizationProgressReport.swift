import CGStreamer
import GStreamerKit
import Imaging
import Style

/// Posts how far an optimisation is, a few times a second at most.
final class OptimizationProgressReport {
    static let messageName = "pentimento-optimize"
    /// Microseconds between two messages, but for a frame's first and last iteration.
    private static let interval: Int64 = 250_000
    /// Between two that bring the picture.
    private static let previewInterval: Int64 = 2_000_000

    /// The shot that is worked on, counted from 1, and the frames before it; 0 of both where each frame is computed once.
    var shot = (number: 0, firstFrame: 0)
    private let settings: OptimizationSettings
    private var estimate: OptimizationEstimate
    private var lastPost: Int64 = 0
    private var lastPreview: Int64?
    private let showsPicture: Bool

    /// - Parameter showsPicture: whether messages bring the picture as it is.
    init(settings: OptimizationSettings, showsPicture: Bool) {
        self.settings = settings
        estimate = OptimizationEstimate(settings: settings)
        self.showsPicture = showsPicture
    }

    /// Work begins on the first frame of a stream or a shot.
    ///
    /// - Parameter frames: of the whole of it; nil: not known.
    func begin(frames: Int?) {
        estimate = OptimizationEstimate(settings: settings, frames: frames)
        estimate.begin(at: Double(g_get_monotonic_time()) * 1e-6)
    }

    /// Takes note of an iteration.
    func note(_ progress: OptimizationProgress, from element: Element) {
        let now = Int64(g_get_monotonic_time())
        var progress = progress
        progress.frames = estimate.frames
        progress.frame -= shot.firstFrame
        estimate.add(progress.mark, at: Double(now) * 1e-6)
        guard progress.iteration == 1 || progress.isLast || now - lastPost >= Self.interval else { return }
        lastPost = now
        let showsNow = showsPicture && now - (lastPreview ?? -Self.previewInterval) >= Self.previewInterval
        if showsNow { lastPreview = now }
        element.post(message: Self.messageName) { message in
            message.set("shot", shot.number)
            message.set("frame", progress.frame)
            message.set("frames", progress.frames ?? 0)
            message.set("pass", progress.pass)
            message.set("passes", progress.passes)
            message.set("iteration", progress.iteration)
            message.set("iterations", progress.iterations)
            message.set("is-last", progress.isLast)
            message.set("loss", progress.loss)
            message.set("content", progress.content)
            message.set("style", progress.style)
            message.set("temporal", progress.temporal)
            message.set("seconds-per-iteration", estimate.secondsPerIteration ?? -1)
            message.set("seconds-left", estimate.secondsLeft ?? -1)
            if showsNow { message.set("picture", taking: sample(of: progress.image)) }
        }
    }

    /// The picture as it would be sent on now, as a GstSample of RGB.
    private func sample(of picture: Image) -> OpaquePointer? {
        let stride = (picture.width * 3 + 3) & ~3
        var bytes = [UInt8](repeating: 0, count: stride * picture.height)
        let buffer = bytes.withUnsafeMutableBytes { bytes -> UnsafeMutablePointer<GstBuffer>? in
            guard let base = bytes.baseAddress else { return nil }
            PackedPixels(base: base, stride: stride, width: picture.width, height: picture.height, layout: .rgb)
                .store(picture)
            return gst_buffer_new_memdup(base, gsize(bytes.count))
        }
        let caps = gst_caps_from_string(
            "video/x-raw,format=RGB,width=\(picture.width),height=\(picture.height),framerate=0/1")
        defer {
            if let buffer {
                gst_mini_object_unref(UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: GstMiniObject.self))
            }
            if let caps {
                gst_mini_object_unref(UnsafeMutableRawPointer(caps).assumingMemoryBound(to: GstMiniObject.self))
            }
        }
        return gst_sample_new(buffer, caps, nil, nil)
    }
}
