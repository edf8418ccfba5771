import CKernels

/// Refines one level's flow by minimising a global energy; reuses its buffers from frame to frame.
final class VariationalRefinement {
    private let parameters: FlowParameters
    private let planes: UnsafeMutablePointer<flow_refinement>
    private let arena: FlowArena
    private let width: Int
    private let height: Int

    private static let grain = 32

    init(width: Int, height: Int, parameters: FlowParameters) {
        self.parameters = parameters
        self.width = width
        self.height = height
        let slack = Int(FLOW_SLACK)
        // A gap with zero weights between the even and the odd pixels of a row: the left neighbour of the first odd
        // pixel.
        let half = FlowArena.rounded((width + 1) / 2) + 16
        let plane = 2 * half * (height + 2) + 2 * slack
        let planeStride = (width + 31) & ~31 + slack
        let padded = planeStride * (height + 4) + 2 * slack
        let arena = FlowArena(count: 18 * FlowArena.rounded(plane) + 3 * FlowArena.rounded(padded))
        self.arena = arena
        func halves() -> UnsafeMutablePointer<Float> { arena.take(plane) + slack + 2 * half }
        func rows() -> UnsafeMutablePointer<Float> { arena.take(padded) + slack + 2 * planeStride }
        planes = .allocate(capacity: 1)
        planes.initialize(
            to: flow_refinement(
                width: Int32(width), height: Int32(height), half: Int32(half), stride: Int32(2 * half),
                plane_stride: Int32(planeStride), mean: rows(), difference: rows(), valid: rows(), u: halves(),
                v: halves(),
                data: (
                    halves(), halves(), halves(), halves(), halves(), halves(), halves(), halves(), halves()
                ), weight_right: halves(), weight_down: halves(), a11: halves(), a12: halves(), a22: halves(),
                b1: halves(), b2: halves(), alpha: parameters.smoothness, delta: parameters.brightness,
                gamma: parameters.gradient, omega: parameters.overRelaxation))
    }

    deinit { planes.deallocate() }

    func refine(
        _ flow: UnsafeMutablePointer<flow_vectors>, from: UnsafePointer<flow_level>, to: UnsafePointer<flow_level>,
        threads: Int
    ) {
        nonisolated(unsafe) let (flow, from, to, planes) = (flow, from, to, planes)
        func rows(_ body: (Int32, Int32) -> Void) {
            parallelRows(height, grain: VariationalRefinement.grain, threads: threads) {
                body(Int32($0.lowerBound), Int32($0.upperBound))
            }
        }
        for _ in 0..<parameters.refinementWarps {
            rows { flow_refine_warp(from, to, flow, planes, $0, $1) }
            rows { flow_refine_linearize(planes, flow, $0, $1) }
            for _ in 0..<parameters.refinementIterations {
                rows { flow_refine_weights(planes, $0, $1) }
                rows { flow_refine_diagonals(planes, $0, $1) }
                relax(threads: threads)
            }
            rows { flow_refine_store(planes, flow, $0, $1) }
        }
    }

    private func relax(threads: Int) {
        nonisolated(unsafe) let planes = planes
        let halves = Int32(2 * parameters.relaxationSweeps)
        // A single stripe on one thread; the split does not change the result.
        let stripe = threads == 1 ? height : max(VariationalRefinement.grain, 2 * Int(halves))
        parallelRows(height, grain: stripe, threads: threads) {
            flow_refine_relax(planes, halves, 0, Int32($0.lowerBound), Int32($0.upperBound))
        }
        parallelRows(height, grain: stripe, threads: threads) {
            if $0.lowerBound > 0 { flow_refine_relax(planes, halves, 1, Int32($0.lowerBound), Int32($0.upperBound)) }
        }
    }
}
