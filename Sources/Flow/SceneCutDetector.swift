import CKernels
import Imaging

/// Tells cuts from motion by what the flow leaves unexplained.
///
/// The measure is the share of textured blocks (8 x 8 pixels of a scale of at most 32,768 pixels) of a frame that do not
/// correlate with the earlier frame where the backward flow says they were: 0 where everything came from there, near 1 where the
/// frames have nothing in common. Correlation takes no notice of brightness and contrast, so fades and flashes are no
/// cuts; what large motion uncovers is a small share of the picture.
public struct SceneCutDetector: Sendable {
    /// A measure above it is a cut.
    ///
    /// `Benchmarks/scene_cuts.py` on six clips, 1350 frames with nine cuts, and on made-up cuts, flashes and cross-fades:
    /// within shots at most 0.22, at cuts at least 0.47.
    public static let defaultThreshold: Float = 0.35
    /// Blocks that correlate less than this are unexplained.
    package static let leastCorrelation: Float = 0.5

    public var threshold: Float

    public init(threshold: Float = SceneCutDetector.defaultThreshold) { self.threshold = threshold }

    /// Share of the current frame, 0...1, that the earlier one does not explain; 0 where there is no texture to tell by.
    ///
    /// - Parameter flow: the pair that was estimated for these frames.
    public func measure(from current: FlowPyramid, to earlier: FlowPyramid, flow: FlowPair) -> Float {
        measure(from: [current], to: [earlier], flow: [flow])
    }

    /// The same of a frame in parts, such as the faces of a cube map: the share of all of them together.
    ///
    /// - Parameters: of each part in turn.
    public func measure(from current: [FlowPyramid], to earlier: [FlowPyramid], flow: [FlowPair]) -> Float {
        let correlations = zip(zip(current, earlier), flow).flatMap {
            SceneCutDetector.correlations(from: $0.0, to: $0.1, flow: $1)
        }
        let textured = correlations.reduce(0) { $0 + ($1 <= 1 ? 1 : 0) }
        let unexplained = correlations.reduce(0) { $0 + ($1 < SceneCutDetector.leastCorrelation ? 1 : 0) }
        return textured > 0 ? Float(unexplained) / Float(textured) : 0
    }

    public func isCut(from current: FlowPyramid, to earlier: FlowPyramid, flow: FlowPair) -> Bool {
        measure(from: current, to: earlier, flow: flow) > threshold
    }

    /// Of each block, -1...1; 2 where there is no texture.
    package static func correlations(
        from current: FlowPyramid, to earlier: FlowPyramid, flow: FlowPair
    ) -> [Float] {
        let (width, height) = (current.width, current.height)
        let backward = flow.backward
        guard earlier.width == width, earlier.height == height, backward.width == width, backward.height == height,
            earlier.levelCount == current.levelCount, earlier.finestScale == current.finestScale,
            // Flow that was cancelled leads anywhere.
            !Cancellation.isRequested
        else { return [] }
        var index = 0
        while index + 1 < current.levelCount,
            current.levels[index].width * current.levels[index].height > 32_768
        { index += 1 }
        let level = current.levels + index
        let columns = Int(level.pointee.width) / Int(FLOW_PATCH)
        let rows = Int(level.pointee.height) / Int(FLOW_PATCH)
        guard columns > 0, rows > 0 else { return [] }
        return [Float](unsafeUninitializedCapacity: columns * rows) { correlations, count in
            backward.u.withUnsafeBufferPointer { u in
                backward.v.withUnsafeBufferPointer { v in
                    flow_correlate_blocks(
                        level, earlier.levels + index, u.baseAddress, v.baseAddress, Int32(width), Int32(height),
                        Int32(current.finestScale + index), correlations.baseAddress, 0, Int32(rows))
                }
            }
            count = columns * rows
        }
    }
}
