import CKernels
import Imaging

/// Detects scene cuts by the share of blocks without a match.
///
/// The measure is the share of textured blocks that do not correlate with the previous frame at the position given by
/// the backward flow. Blocks are 8 x 8 pixels at a scale of at most 32,768 pixels. The measure is 0 if every block has
/// a match, and near 1 if the frames have nothing in common. Correlation ignores brightness and contrast, so fades and
/// flashes are not detected as cuts. Large motion disoccludes only a small share of the frame.
public struct SceneCutDetector: Sendable {
    /// A measure above this is a cut.
    ///
    /// `Benchmarks/scene_cuts.py` measured at most 0.22 within shots and at least 0.47 at cuts, on six clips (1350
    /// frames, nine cuts) and on synthetic cuts, flashes and cross-fades.
    public static let defaultThreshold: Float = 0.35
    /// Blocks are of the finest level with at most this many pixels.
    package static let mostPixels = 32_768
    /// Blocks with a lower correlation have no match.
    package static let leastCorrelation: Float = 0.5

    /// A measure above this is a cut, 0...1.
    public var threshold: Float

    /// - Parameter threshold: 0...1; `measure` does not depend on it.
    public init(threshold: Float = SceneCutDetector.defaultThreshold) { self.threshold = threshold }

    /// Share of blocks without a match in the earlier frame, 0...1; 0 if there is no texture.
    ///
    /// - Parameter flow: the flow pair estimated for these frames.
    public func measure(from current: FlowPyramid, to earlier: FlowPyramid, flow: FlowPair) -> Float {
        measure(from: [current], to: [earlier], flow: [flow])
    }

    /// The measure of a batch of stacked images, such as the faces of a cube map: the share over all blocks.
    ///
    /// - Parameters: one element per image.
    public func measure(from current: [FlowPyramid], to earlier: [FlowPyramid], flow: [FlowPair]) -> Float {
        let correlations = zip(zip(current, earlier), flow).flatMap {
            SceneCutDetector.correlations(from: $0.0, to: $0.1, flow: $1)
        }
        let textured = correlations.reduce(0) { $0 + ($1 <= 1 ? 1 : 0) }
        let unexplained = correlations.reduce(0) { $0 + ($1 < SceneCutDetector.leastCorrelation ? 1 : 0) }
        return textured > 0 ? Float(unexplained) / Float(textured) : 0
    }

    /// Whether the measure is above the threshold.
    public func isCut(from current: FlowPyramid, to earlier: FlowPyramid, flow: FlowPair) -> Bool {
        measure(from: current, to: earlier, flow: flow) > threshold
    }

    /// Correlation of each block, -1...1; 2 for blocks without texture.
    package static func correlations(
        from current: FlowPyramid, to earlier: FlowPyramid, flow: FlowPair
    ) -> [Float] {
        let (width, height) = (current.width, current.height)
        let backward = flow.backward
        guard earlier.width == width, earlier.height == height, backward.width == width, backward.height == height,
            earlier.levelCount == current.levelCount, earlier.finestScale == current.finestScale,
            // Cancelled flow is incomplete.
            !Cancellation.isRequested
        else { return [] }
        var index = 0
        while index + 1 < current.levelCount,
            Int(current.levels[index].width * current.levels[index].height) > mostPixels
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
