import CKernels
import TestSupport
import Testing

/// The flow's vector kernels against a reference implementation in Swift, in each variant that the processor supports.
@Suite struct FlowKernelTests {
    /// Vectors with memory of their own.
    private final class Vectors {
        let vectors: UnsafeMutablePointer<flow_vectors>
        private let planes: [UnsafeMutablePointer<Float>]

        init(width: Int, height: Int) {
            let stride = (width + 31) / 32 * 32
            let count = stride * height + 2 * Int(FLOW_SLACK)
            planes = (0..<2).map { _ in
                let plane = UnsafeMutablePointer<Float>.allocate(capacity: count)
                plane.initialize(repeating: 0, count: count)
                return plane
            }
            vectors = .allocate(capacity: 1)
            vectors.initialize(
                to: flow_vectors(
                    width: Int32(width), height: Int32(height), stride: Int32(stride),
                    u: planes[0] + Int(FLOW_SLACK), v: planes[1] + Int(FLOW_SLACK)))
        }

        deinit {
            for plane in planes { plane.deallocate() }
            vectors.deallocate()
        }

        subscript(x: Int, y: Int) -> (Float, Float) {
            get {
                let index = y * Int(vectors.pointee.stride) + x
                return (vectors.pointee.u[index], vectors.pointee.v[index])
            }
            set {
                let index = y * Int(vectors.pointee.stride) + x
                (vectors.pointee.u[index], vectors.pointee.v[index]) = newValue
            }
        }
    }

    private func image(_ width: Int, _ height: Int, shift: Double = 0) -> [UInt8] {
        MovingTexture(seed: 4).frame(width: width, height: height) { ($0 + shift, $1 + shift / 2) }.values
    }

    @Test(arguments: [0, 1, 2], [(1, 1), (3, 5), (67, 33), (1100, 9)])
    func reductionSmooths(shift: Int, size: (Int, Int)) {
        let (width, height) = size
        let taps: [[Double]] = [[1, 6, 1], [1, 3, 3, 1], [1, 1, 3, 3, 3, 3, 1, 1]]
        let (before, sum) = ([1, 1, 2][shift], [8.0, 8, 16][shift])
        let luma = image(width, height)
        _ = withEachVariant {
            let level = FlowLevel(width: (width - 1) >> shift + 1, height: (height - 1) >> shift + 1)
            level.fill(luma, width: width, height: height, shift: shift)
            for y in 0..<Int(level.level.pointee.height) {
                for x in 0..<Int(level.level.pointee.width) {
                    var value = 0.0
                    for (j, down) in taps[shift].enumerated() {
                        for (i, across) in taps[shift].enumerated() {
                            let column = min(max(x << shift + i - before, 0), width - 1)
                            let row = min(max(y << shift + j - before, 0), height - 1)
                            value += down * across * Double(luma[row * width + column])
                        }
                    }
                    #expect(abs(level.pixel(x, y) - value / sum / sum) < 1e-3)
                }
            }
        }
    }

    @Test func searchLowersTheCostItReports() {
        let (width, height) = (90, 70)
        for iterations in [0, 6] as [Int32] {
            _ = withEachVariant {
                let (from, to) = (FlowLevel(width: width, height: height), FlowLevel(width: width, height: height))
                from.fill(image(width, height), width: width, height: height, shift: 0)
                to.fill(image(width, height, shift: -1.5), width: width, height: height, shift: 0)
                let (columns, rows) = (Int(from.level.pointee.columns), Int(from.level.pointee.rows))
                let (start, result) = (Vectors(width: columns, height: rows), Vectors(width: columns, height: rows))
                for row in 0..<rows { for column in 0..<columns { start[column, row] = (0.25, -0.5) } }
                let stride = Int(start.vectors.pointee.stride)
                var costs = [Float](repeating: -1, count: stride * rows)
                var converged = [UInt8](repeating: 0, count: stride * rows)
                costs.withUnsafeMutableBufferPointer { costs in
                    converged.withUnsafeMutableBufferPointer { converged in
                        var search = flow_search(
                            initial: start.vectors, predicted: nil, propagate: 0, result: result.vectors,
                            cost: costs.baseAddress, converged: converged.baseAddress, iterations: iterations)
                        flow_search_rows(from.level, to.level, &search, 0, Int32(rows))
                    }
                }
                var found = 0
                for row in 0..<rows {
                    for column in 0..<columns {
                        let (left, top) = (min(4 * column, width - 8), min(4 * row, height - 8))
                        func cost(_ vector: (Float, Float)) -> Double {
                            var (sum, squares) = (0.0, 0.0)
                            for y in top..<top + 8 {
                                for x in left..<left + 8 {
                                    let d =
                                        to.sample(Double(x) + Double(vector.0), Double(y) + Double(vector.1))
                                        - from.pixel(x, y)
                                    sum += d
                                    squares += d * d
                                }
                            }
                            return squares - sum * sum / 64
                        }
                        let reported = Double(costs[row * stride + column])
                        #expect(abs(cost(result[column, row]) - reported) < 0.5 + 1e-3 * reported)
                        #expect(reported <= cost((0.25, -0.5)) + 0.5)
                        let near = abs(result[column, row].0 - 1.5) < 0.3 && abs(result[column, row].1 - 0.75) < 0.3
                        found += near ? 1 : 0
                    }
                }
                // Not every patch has texture in both directions.
                #expect(iterations == 0 ? found == 0 : Double(found) > 0.7 * Double(columns * rows), "\(found)")
            }
        }
    }

    @Test(arguments: [0, 1, 2]) func expansionFollowsARamp(shift: Int) {
        let (width, height) = (131, 50)
        let (coarseWidth, coarseHeight) = ((width - 1) >> shift + 1, (height - 1) >> shift + 1)
        let coarse = Vectors(width: coarseWidth, height: coarseHeight)
        for y in 0..<coarseHeight { for x in 0..<coarseWidth { coarse[x, y] = (Float(x), Float(2 * y)) } }
        for result in withEachVariant({
            var u = [Float](repeating: .nan, count: width * height)
            var v = u
            flow_expand(coarse.vectors, Int32(shift), &u, &v, Int32(width), Int32(height), 0, Int32(height))
            return (u, v)
        }) {
            let scale = Double(1 << shift)
            for y in 0..<height {
                for x in 0..<width {
                    let atX = min(max((Double(x) + 0.5) / scale - 0.5, 0), Double(coarseWidth - 1))
                    let atY = min(max((Double(y) + 0.5) / scale - 0.5, 0), Double(coarseHeight - 1))
                    #expect(abs(Double(result.0[y * width + x]) - scale * atX) < 1e-3)
                    #expect(abs(Double(result.1[y * width + x]) - scale * 2 * atY) < 1e-3)
                }
            }
        }
    }

    @Test func densifyingOneVectorGivesThatVector() {
        let (width, height) = (45, 37)
        let frame = FlowLevel(width: width, height: height, step: 3)
        frame.fill(image(width, height), width: width, height: height, shift: 0)
        let grid = Vectors(width: Int(frame.level.pointee.columns), height: Int(frame.level.pointee.rows))
        for row in 0..<Int(grid.vectors.pointee.height) {
            for column in 0..<Int(grid.vectors.pointee.width) { grid[column, row] = (2.5, -1.25) }
        }
        let dense = Vectors(width: width, height: height)
        var sums = [Float](repeating: 0, count: 3 * Int(flow_sum_stride(Int32(width))) * height + 2 * Int(FLOW_SLACK))
        _ = withEachVariant {
            // In two stripes that share patches.
            flow_densify(frame.level, frame.level, grid.vectors, dense.vectors, &sums, 0, 19)
            flow_densify(frame.level, frame.level, grid.vectors, dense.vectors, &sums, 19, Int32(height))
            for y in 0..<height {
                for x in 0..<width {
                    #expect(abs(dense[x, y].0 - 2.5) < 1e-5 && abs(dense[x, y].1 + 1.25) < 1e-5)
                }
            }
        }
    }
}
