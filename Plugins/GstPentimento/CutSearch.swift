import CGStreamer
import Flow
import GStreamerKit
import Imaging

/// Finds the frames at which `opticalflow` would find a scene cut, and computes the flow of few frames only.
final class CutSearch {
    /// Frames before one that is looked at closely. Flow starts from that of the frame before, so the result may depend
    /// on all frames of the shot; after as many it is the same in effect.
    private static let lookback = 3

    private let finder = CutFinder()
    private var estimator = FlowEstimator(preset: .fast)
    /// The last frames of the shot; the latest last.
    private var recent: [UnsafeMutablePointer<GstBuffer>] = []

    deinit { forget() }

    /// The next frame continues none.
    func forget() {
        for buffer in recent { gst_buffer_unref(buffer) }
        recent = []
        finder.forget()
    }

    /// Whether a frame begins a shot.
    ///
    /// - Parameter threshold: share of blocks without a match above which it does; 0: only the first frame does.
    func isCut(
        at buffer: UnsafeMutablePointer<GstBuffer>, _ format: VideoFormat, batchSize: Int,
        settings: FlowHistory.Settings, threshold: Double
    ) throws -> Bool {
        func luma(_ buffer: UnsafeMutablePointer<GstBuffer>, _ size: (width: Int, height: Int)) throws -> [Plane<UInt8>]
        {
            try format.withFrame(of: buffer, writing: false) { frame in
                frame.images(ofBatch: batchSize).map { $0.luma(width: size.width, height: size.height) }
            }
        }
        let share = finder.share(
            try luma(buffer, CutFinder.size(width: settings.width, height: settings.height)))
        var isCut = share == nil
        if let share, share > CutFinder.suspicion, threshold > 0 {
            if estimator.preset != settings.preset { estimator = FlowEstimator(preset: settings.preset) }
            let detector = SceneCutDetector()
            func measure(_ earlier: ArraySlice<UnsafeMutablePointer<GstBuffer>>) throws -> Double {
                let frames = try (earlier + [buffer]).map { try luma($0, (settings.width, settings.height)) }
                return Double(detector.measure(along: frames, by: estimator))
            }
            var found = try measure(recent.suffix(1))
            // A cut that is missed makes a shot longer; one that is none would change the painting.
            if found > threshold, recent.count > 1 { found = min(found, try measure(recent[...])) }
            isCut = found > threshold
        }
        if isCut {
            for buffer in recent { gst_buffer_unref(buffer) }
            recent = []
        } else if recent.count == Self.lookback {
            gst_buffer_unref(recent.removeFirst())
        }
        // A copy that shares the pixels, so that the frame itself stays writable.
        if let copy = gst_buffer_copy(buffer) { recent.append(copy) }
        return isCut
    }
}
