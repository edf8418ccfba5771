import CKernels

/// The previous flow, used to predict the current one under constant motion.
struct Prediction {
    /// Backward flow of the previous pair.
    let flow: FlowField
    /// Whether the flow to predict is a forward flow.
    let isForward: Bool
}

/// Estimates the flow in one direction; reuses its buffers from frame to frame.
final class DenseInverseSearch {
    private let parameters: FlowParameters
    private let levels: [Level]

    /// Rows of patches and of pixels per task; must not depend on the number of threads.
    private static let patchGrain = 8
    private static let pixelGrain = 32

    private final class Level {
        let first: UnsafeMutablePointer<flow_vectors>
        let second: UnsafeMutablePointer<flow_vectors>
        let predicted: UnsafeMutablePointer<flow_vectors>
        let dense: UnsafeMutablePointer<flow_vectors>
        let cost: UnsafeMutablePointer<Float>
        let converged: UnsafeMutablePointer<UInt8>
        let sums: UnsafeMutablePointer<Float>
        let sumsPerTask: Int
        /// Per task: the number of patches with a lower matching cost for the prediction.
        let counts: UnsafeMutableBufferPointer<Int>
        let refinement: VariationalRefinement?
        private let arena: FlowArena
        private let fields: UnsafeMutablePointer<flow_vectors>

        init(like level: flow_level, parameters: FlowParameters) {
            let width = Int(level.width)
            let height = Int(level.height)
            let columns = Int(level.columns)
            let rows = Int(level.rows)
            let tasks = (height + pixelGrain - 1) / pixelGrain
            let grid = flow_vectors.count(width: columns, height: rows)
            let costs = (columns + 31) & ~31 * rows + 2 * Int(FLOW_SLACK)
            sumsPerTask = 3 * Int(flow_sum_stride(level.width)) * pixelGrain + 2 * Int(FLOW_SLACK)
            arena = FlowArena(
                count: 3 * (grid + 32) + flow_vectors.count(width: width, height: height) + 32
                    + FlowArena.rounded(costs) + FlowArena.rounded(sumsPerTask * tasks))
            converged = .allocate(capacity: costs)
            converged.initialize(repeating: 0, count: costs)
            counts = .allocate(capacity: (rows + patchGrain - 1) / patchGrain)
            counts.initialize(repeating: 0)
            fields = .allocate(capacity: 4)
            for index in 0..<3 {
                (fields + index).initialize(to: flow_vectors(width: columns, height: rows, in: arena))
            }
            (fields + 3).initialize(to: flow_vectors(width: width, height: height, in: arena))
            (first, second, predicted, dense) = (fields, fields + 1, fields + 2, fields + 3)
            cost = arena.take(costs)
            sums = arena.take(sumsPerTask * tasks)
            refinement =
                parameters.refinementIterations > 0
                ? VariationalRefinement(width: width, height: height, parameters: parameters) : nil
        }

        deinit {
            fields.deallocate()
            converged.deallocate()
            counts.deallocate()
        }
    }

    init(like pyramid: FlowPyramid, parameters: FlowParameters) {
        self.parameters = parameters
        levels = (0..<pyramid.levelCount).map { Level(like: pyramid.levels[$0], parameters: parameters) }
    }

    func estimate(from: FlowPyramid, to: FlowPyramid, prediction: Prediction?, threads: Int) -> FlowField {
        for index in levels.indices.reversed() {
            search(
                from.levels + index, to.levels + index, index: index, shift: from.finestScale + index,
                prediction: prediction, threads: threads)
            levels[index].refinement?.refine(
                levels[index].dense, from: from.levels + index, to: to.levels + index, threads: threads)
        }
        return expanded(width: from.width, height: from.height, scale: from.finestScale, threads: threads)
    }

    private func search(
        _ from: UnsafePointer<flow_level>, _ to: UnsafePointer<flow_level>, index: Int, shift: Int,
        prediction: Prediction?, threads: Int
    ) {
        let level = levels[index]
        let coarse = index + 1 < levels.count ? levels[index + 1].dense : nil
        let rows = Int(from.pointee.rows)
        let half = Int32(parameters.searchIterations / 2)
        nonisolated(unsafe) let (from, to) = (from, to)
        func patchRows(_ body: (Int32, Int32) -> Void) {
            parallelRows(rows, grain: DenseInverseSearch.patchGrain, threads: threads) {
                body(Int32($0.lowerBound), Int32($0.upperBound))
            }
        }
        patchRows { flow_initialize(from, coarse, level.first, $0, $1) }
        var predicted: UnsafeMutablePointer<flow_vectors>?
        if let prediction, predict(prediction, level, from: from, to: to, shift: shift, threads: threads) {
            predicted = level.predicted
        }
        // Each pass reads only results of the previous pass, so the order of patches does not matter.
        patchRows {
            var pass = flow_search(
                initial: level.first, predicted: predicted, propagate: 0, result: level.second, cost: level.cost,
                converged: level.converged, iterations: half)
            flow_search_rows(from, to, &pass, $0, $1)
        }
        patchRows {
            var pass = flow_search(
                initial: level.second, predicted: nil, propagate: 1, result: level.first, cost: level.cost,
                converged: level.converged, iterations: half)
            flow_search_rows(from, to, &pass, $0, $1)
        }
        parallelRows(Int(from.pointee.height), grain: DenseInverseSearch.pixelGrain, threads: threads) { part in
            let task = part.lowerBound / DenseInverseSearch.pixelGrain
            flow_densify(
                from, to, level.first, level.dense, level.sums + task * level.sumsPerTask, Int32(part.lowerBound),
                Int32(part.upperBound))
        }
    }

    /// Computes the level's temporal prediction and returns whether to use it.
    ///
    /// Under constant motion the prediction has the lower matching cost for 40 to 75 % of the patches, compared with
    /// the coarser level's flow; after a change of motion for at most 8 %. A wrong prediction that happens to match
    /// would do harm, so the threshold is 20 %.
    private func predict(
        _ prediction: Prediction, _ level: Level, from: UnsafePointer<flow_level>, to: UnsafePointer<flow_level>,
        shift: Int, threads: Int
    ) -> Bool {
        let rows = Int(from.pointee.rows)
        let samples = (rows + 1) / 2 * ((Int(from.pointee.columns) + 1) / 2)
        guard samples >= 40 else { return false }
        let flow = prediction.flow
        let grain = DenseInverseSearch.patchGrain
        nonisolated(unsafe) let (from, to) = (from, to)
        nonisolated(unsafe) let counts = level.counts
        flow.u.withUnsafeBufferPointer { u in
            flow.v.withUnsafeBufferPointer { v in
                nonisolated(unsafe) let (u, v) = (u.baseAddress, v.baseAddress)
                parallelRows(rows, grain: grain, threads: threads) { part in
                    let (begin, end) = (Int32(part.lowerBound), Int32(part.upperBound))
                    flow_predict(
                        from, u, v, Int32(flow.width), Int32(flow.height), Int32(shift), prediction.isForward ? 1 : 0,
                        level.predicted, begin, end)
                    counts[part.lowerBound / grain] = Int(
                        flow_count_predicted(from, to, level.first, level.predicted, begin, end))
                }
            }
        }
        return 5 * counts.prefix((rows + grain - 1) / grain).reduce(0, +) >= samples
    }

    private func expanded(width: Int, height: Int, scale: Int, threads: Int) -> FlowField {
        let dense = levels[0].dense
        var v: [Float] = []
        let u = [Float](unsafeUninitializedCapacity: width * height) { u, uCount in
            v = [Float](unsafeUninitializedCapacity: width * height) { v, vCount in
                if let u = u.baseAddress, let v = v.baseAddress {
                    nonisolated(unsafe) let (u, v) = (u, v)
                    parallelRows(height, grain: 32, threads: threads) { part in
                        flow_expand(
                            dense, Int32(scale), u, v, Int32(width), Int32(height), Int32(part.lowerBound),
                            Int32(part.upperBound))
                    }
                }
                vCount = width * height
            }
            uCount = width * height
        }
        return FlowField(width: width, height: height, u: u, v: v)
    }
}
