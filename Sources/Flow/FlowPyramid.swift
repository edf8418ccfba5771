import CKernels
import Imaging

/// Image pyramid of one frame, with gradients and the structure tensors of the patches.
///
/// Computed once by `FlowEstimator.prepare`; used in both directions and for the previous and the next frame.
/// Immutable.
public final class FlowPyramid: @unchecked Sendable {
    /// Width of the frame in pixels.
    public let width: Int
    /// Height of the frame in pixels.
    public let height: Int
    /// Number of halvings from the frame to level 0.
    let finestScale: Int
    let levelCount: Int
    /// From the finest search scale to the coarsest.
    let levels: UnsafeMutablePointer<flow_level>
    private let pool: FlowArenaPool
    private let arena: FlowArena
    private let tensors: UnsafeMutablePointer<flow_tensor>

    init(_ luma: Plane<UInt8>, parameters: FlowParameters, pool: FlowArenaPool, threads: Int) {
        self.pool = pool
        width = luma.width
        height = luma.height
        let shape = FlowPyramid.shape(width: width, height: height, parameters: parameters)
        finestScale = shape.finest
        levelCount = shape.sizes.count
        levels = .allocate(capacity: levelCount)

        let margin = Int(FLOW_MARGIN)
        let border = Int(FLOW_BORDER)
        func stride(_ width: Int) -> Int { (width + 15) & ~15 + 2 * margin }
        func plane(_ size: (width: Int, height: Int)) -> Int { stride(size.width) * (size.height + 2 * border) }
        func patches(_ length: Int) -> Int {
            1 + max(0, length - Int(FLOW_PATCH) + parameters.patchStep - 1) / parameters.patchStep
        }
        // A reused arena is as good as a zeroed one: for the same shape the same elements are written each time.
        arena = pool.take(
            width: width, height: height, count: shape.sizes.reduce(0) { $0 + 3 * FlowArena.rounded(plane($1)) })
        let tensorCount = shape.sizes.reduce(0) { $0 + patches($1.width) * patches($1.height) }
        tensors = .allocate(capacity: tensorCount)
        var nextTensor = tensors
        for (index, size) in shape.sizes.enumerated() {
            let origin = border * stride(size.width) + margin
            let columns = patches(size.width)
            let rows = patches(size.height)
            (levels + index).initialize(
                to: flow_level(
                    width: Int32(size.width), height: Int32(size.height), stride: Int32(stride(size.width)),
                    image: arena.take(plane(size)) + origin, gradient_x: arena.take(plane(size)) + origin,
                    gradient_y: arena.take(plane(size)) + origin, columns: Int32(columns), rows: Int32(rows),
                    step: Int32(parameters.patchStep), tensors: nextTensor))
            nextTensor += columns * rows
        }
        fill(luma, threads: threads)
    }

    deinit {
        levels.deallocate()
        tensors.deallocate()
        pool.put(arena, width: width, height: height)
    }

    /// Scale of level 0, and sizes of the levels.
    static func shape(
        width: Int, height: Int, parameters: FlowParameters
    ) -> (finest: Int, sizes: [(width: Int, height: Int)]) {
        // The coarsest level has a few patches; its shorter side is at least one patch long.
        func halved(_ length: Int, _ times: Int) -> Int { (length + (1 << times) - 1) >> times }
        var coarsest = 0
        while max(halved(width, coarsest), halved(height, coarsest)) > 4 * Int(FLOW_PATCH) + 8,
            min(halved(width, coarsest + 1), halved(height, coarsest + 1)) >= Int(FLOW_PATCH)
        { coarsest += 1 }
        let finest = min(parameters.finestScale, coarsest)
        return (finest, (finest...coarsest).map { (halved(width, $0), halved(height, $0)) })
    }

    private func fill(_ luma: Plane<UInt8>, threads: Int) {
        // In large chunks: the work per row is so small that waking a thread costs more.
        luma.values.withUnsafeBufferPointer { values in
            guard let pixels = values.baseAddress else { return }
            nonisolated(unsafe) let source = pixels
            parallelRows(Int(levels[0].height), grain: 64, threads: threads) { [self] rows in
                flow_reduce_luma(
                    source, Int32(width), Int32(height), Int32(finestScale), levels, Int32(rows.lowerBound),
                    Int32(rows.upperBound))
            }
        }
        for index in 0..<levelCount {
            let level = levels + index
            let height = Int(level.pointee.height)
            if index > 0 {
                parallelRows(height, grain: 256, threads: threads) { [self] rows in
                    flow_halve(levels + index - 1, levels + index, Int32(rows.lowerBound), Int32(rows.upperBound))
                }
            }
            flow_pad(level, 0, Int32(height))
        }
        for index in 0..<levelCount {
            parallelRows(Int(levels[index].height), grain: 256, threads: threads) { [self] rows in
                flow_gradients(levels + index, Int32(rows.lowerBound), Int32(rows.upperBound))
            }
            parallelRows(Int(levels[index].rows), grain: 128, threads: threads) { [self] rows in
                flow_tensors(levels + index, Int32(rows.lowerBound), Int32(rows.upperBound))
            }
        }
    }
}

/// Runs `body` on `0..<count` in chunks of `grain` rows; the chunks do not depend on `threads`.
func parallelRows(_ count: Int, grain: Int, threads: Int, _ body: (Range<Int>) -> Void) {
    let parts = (count + grain - 1) / grain
    if parts <= 1 || threads == 1 {
        for index in 0..<parts { body(index * grain..<min((index + 1) * grain, count)) }
        return
    }
    parallel(parts, threads: threads) { body($0 * grain..<min(($0 + 1) * grain, count)) }
}
