import CGStreamer
import GStreamerKit
import Imaging
import Style

/// Posts the progress of an optimisation as element messages, a few times per second at most.
final class OptimizationProgressReport {
    static let messageName = "pentimento-optimize"
    /// Microseconds between two messages; the first and the last iteration of a frame are always posted.
    private static let interval: Int64 = 250_000
    /// Microseconds between two messages with the current image.
    private static let previewInterval: Int64 = 2_000_000

    /// The number of the current shot, from 1, and of the frames before it; both 0 with a single pass.
    var shot = (number: 0, firstFrame: 0)
    private let settings: OptimizationSettings
    private var estimate: OptimizationEstimate
    private var lastPost: Int64 = 0
    private var lastPreview: Int64?
    private let showsImage: Bool

    /// - Parameter showsImage: whether messages contain the current image.
    init(settings: OptimizationSettings, showsImage: Bool) {
        self.settings = settings
        estimate = OptimizationEstimate(settings: settings)
        self.showsImage = showsImage
    }

    /// Starts the time estimate at the first frame of a stream or shot.
    ///
    /// - Parameter frames: number of frames in the stream or shot; nil if unknown.
    func begin(frames: Int?) {
        estimate = OptimizationEstimate(settings: settings, frames: frames)
        estimate.begin(at: Double(g_get_monotonic_time()) * 1e-6)
    }

    /// Records an iteration and posts a message if one is due.
    func record(_ progress: OptimizationProgress, from element: Element) {
        let now = Int64(g_get_monotonic_time())
        var progress = progress
        progress.frames = estimate.frames
        progress.frame -= shot.firstFrame
        estimate.add(progress.position, at: Double(now) * 1e-6)
        guard progress.iteration == 1 || progress.isLast || now - lastPost >= Self.interval else { return }
        lastPost = now
        let showsNow = showsImage && now - (lastPreview ?? -Self.previewInterval) >= Self.previewInterval
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

    /// The current image as a GstSample in RGB.
    private func sample(of image: Image) -> OpaquePointer? {
        let stride = (image.width * 3 + 3) & ~3
        var bytes = [UInt8](repeating: 0, count: stride * image.height)
        let buffer = bytes.withUnsafeMutableBytes { bytes -> UnsafeMutablePointer<GstBuffer>? in
            guard let base = bytes.baseAddress else { return nil }
            PackedPixels(base: base, stride: stride, width: image.width, height: image.height, layout: .rgb)
                .store(image)
            return gst_buffer_new_memdup(base, gsize(bytes.count))
        }
        let caps = gst_caps_from_string(
            "video/x-raw,format=RGB,width=\(image.width),height=\(image.height),framerate=0/1")
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
