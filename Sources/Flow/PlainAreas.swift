import CKernels
import Imaging

/// Makes the flow of plain areas smooth.
///
/// Without texture any motion fits, and the estimator's answers there are islands that change from frame to frame. Strokes
/// that are warped along them are torn. Such areas get the motion of the textured ones around them, up to the edges of the
/// image, where the frames agree on it as well as on the estimate.
struct PlainAreas {
    /// Side of a cell in pixels of the frame.
    private static let cell = Int(FLOW_CELL)
    /// Smaller eigenvalue of the structure tensor, of 255 squared, at which a cell counts as half textured.
    private static let texture: Float = 1
    /// Mean squared difference of the luma up to which the frames agree in any case.
    private static let agreement: Float = 4
    /// Least confidence, for areas in which nothing is sure.
    private static let least: Float = 1e-4

    private let width: Int
    private let height: Int
    private let columns: Int
    private let rows: Int
    /// In the pyramid's finest level.
    private let cells: kernel_cells
    /// Size of these pixels in the frame.
    private let scale: Float

    /// Smooths both flows of a pair.
    static func smooth(_ pair: inout FlowPair, from current: FlowPyramid, to earlier: FlowPyramid, threads: Int) {
        let areas = PlainAreas(current)
        let means = parallelMap(2, threads: threads) { areas.means(of: $0 == 0 ? pair.backward : pair.forward) }
        let smoothed = parallelMap(2, threads: threads) { index in
            let (from, to) = index == 0 ? (current, earlier) : (earlier, current)
            return areas.smoothed(
                index == 0 ? pair.backward : pair.forward, mean: means[index], reverse: means[1 - index], from: from,
                to: to)
        }
        pair = FlowPair(backward: smoothed[0], forward: smoothed[1])
    }

    private init(_ pyramid: FlowPyramid) {
        (width, height) = (pyramid.width, pyramid.height)
        (columns, rows) = ((width + Self.cell - 1) / Self.cell, (height + Self.cell - 1) / Self.cell)
        cells = kernel_cells(
            columns: Int32(columns), rows: Int32(rows), side: Int32(max(1, Self.cell >> pyramid.finestScale)))
        scale = Float(1 << pyramid.finestScale)
    }

    /// The mean flow of each cell.
    private func means(of flow: FlowField) -> [SIMD2<Float>] {
        var means = [SIMD2<Float>](repeating: .zero, count: columns * rows)
        flow.u.withUnsafeBufferPointer { u in
            flow.v.withUnsafeBufferPointer { v in
                means.withUnsafeMutableBufferPointer { means in
                    for y in 0..<height {
                        for column in 0..<columns {
                            var sum = SIMD2<Float>.zero
                            for index in y * width + column * Self.cell..<y * width
                                + min((column + 1) * Self.cell, width)
                            {
                                sum += SIMD2(u[index], v[index])
                            }
                            means[y / Self.cell * columns + column] += sum
                        }
                    }
                }
            }
        }
        for row in 0..<rows {
            let high = min(Self.cell, height - row * Self.cell)
            for column in 0..<columns {
                means[row * columns + column] /= Float(min(Self.cell, width - column * Self.cell) * high)
            }
        }
        return means
    }

    private func smoothed(
        _ flow: FlowField, mean: [SIMD2<Float>], reverse: [SIMD2<Float>], from: FlowPyramid, to: FlowPyramid
    ) -> FlowField {
        let (luma, texture) = facts(of: from.levels[0])
        let consistency = consistency(of: mean, with: reverse)
        var confidence = zip(texture, consistency).map { $0 * $1 }
        let fill = EdgeAwareFill(columns: columns, rows: rows, edgesOf: luma)
        let before = errors(of: mean, from: from.levels[0], to: to.levels[0])
        let filled = fill.filled(mean, confidence: confidence.map { $0 + Self.least })
        let after = errors(of: filled, from: from.levels[0], to: to.levels[0])
        // Where the frames do not agree, the estimate is kept, and what is around has to fit it.
        let agreement = averaged(
            zip(before, after).map { before, after in
                min(max(3 - 2 * after / max(Self.agreement, 1.5 * before), 0), 1)
            }, times: 2)
        for index in confidence.indices {
            confidence[index] = max(confidence[index], (1 - agreement[index]) * consistency[index])
        }
        let smooth = fill.filled(mean, confidence: confidence.map { $0 + Self.least })
        return blended(flow, with: smooth, shares: confidence.map { 1 - $0 })
    }

    /// The mean luma of each cell, and its texture: 0 where it is plain or has one edge, towards 1 where its place is
    /// certain.
    private func facts(of level: flow_level) -> (luma: [Float], texture: [Float]) {
        var luma = [Float](repeating: 0, count: columns * rows)
        var tensors = [SIMD4<Float>](repeating: .zero, count: columns * rows)
        tensors.withUnsafeMutableBytes { [cells] tensors in
            withUnsafePointer(to: level) {
                kernel_cell_facts(
                    $0, cells, &luma, tensors.assumingMemoryBound(to: Float.self).baseAddress, 0, cells.rows)
            }
        }
        let texture = boxed(tensors).map { tensor in
            let (half, difference) = ((tensor.x + tensor.z) / 2, (tensor.x - tensor.z) / 2)
            let least = max(0, half - (difference * difference + tensor.y * tensor.y).squareRoot())
            return least / (least + Self.texture)
        }
        return (luma, texture)
    }

    /// How well the flow there and back again ends where it began, 0...1.
    private func consistency(of mean: [SIMD2<Float>], with reverse: [SIMD2<Float>]) -> [Float] {
        let check = ConsistencyCheck()
        return mean.indices.map { index in
            let flow = mean[index]
            let x = Float(index % columns) + flow.x / Float(Self.cell)
            let y = Float(index / columns) + flow.y / Float(Self.cell)
            guard x >= 0, y >= 0, x <= Float(columns - 1), y <= Float(rows - 1) else { return 0 }
            let back = reverse[Int(y.rounded()) * columns + Int(x.rounded())]
            let sum = flow + back
            let limit = check.scale * ((flow * flow).sum() + (back * back).sum()) + check.offset
            return min(max(2 * limit / max((sum * sum).sum(), 1e-9) - 1, 0), 1)
        }
    }

    /// Mean squared difference of each cell and its neighbours from the other frame.
    private func errors(of flow: [SIMD2<Float>], from: flow_level, to: flow_level) -> [Float] {
        let shifts = flow.map { $0 / scale }
        let errors = [Float](unsafeUninitializedCapacity: columns * rows) { [cells] errors, count in
            shifts.withUnsafeBytes { shifts in
                withUnsafePointer(to: from) { from in
                    withUnsafePointer(to: to) { to in
                        kernel_cell_errors(
                            from, to, cells, shifts.assumingMemoryBound(to: Float.self).baseAddress, errors.baseAddress,
                            0, cells.rows)
                    }
                }
            }
            count = errors.count
        }
        return averaged(errors, times: 1)
    }

    /// The flow, moved towards the cells' by their shares.
    private func blended(_ flow: FlowField, with cells: [SIMD2<Float>], shares: [Float]) -> FlowField {
        var result = flow
        let packed = zip(cells, shares).map { SIMD4($0.x, $0.y, $1, 0) }
        packed.withUnsafeBytes {
            kernel_blend_cells(
                $0.assumingMemoryBound(to: Float.self).baseAddress, Int32(columns), Int32(rows), &result.u, &result.v,
                Int32(width), 0, Int32(height))
        }
        return result
    }

    // MARK: Cells

    /// The sum over each cell and its eight neighbours, divided by nine.
    private func boxed(_ values: [SIMD4<Float>]) -> [SIMD4<Float>] {
        filtered(values, center: 1 / 3, side: 1 / 3)
    }

    /// Weighted means with the neighbours, `times` times.
    private func averaged(_ values: [Float], times: Int) -> [Float] {
        (0..<times).reduce(values) { values, _ in filtered(values, center: 0.5, side: 0.25) }
    }

    private func filtered<Value: CellValue>(_ values: [Value], center: Float, side: Float) -> [Value] {
        func pass(_ values: [Value], isDown: Bool) -> [Value] {
            values.withUnsafeBufferPointer { values in
                [Value](unsafeUninitializedCapacity: values.count) { target, count in
                    for row in 0..<rows {
                        for column in 0..<columns {
                            let index = row * columns + column
                            let (position, end, step) = isDown ? (row, rows - 1, columns) : (column, columns - 1, 1)
                            let before = values[position > 0 ? index - step : index]
                            let after = values[position < end ? index + step : index]
                            let value = values[index].scaled(by: center).adding(before.adding(after).scaled(by: side))
                            target.initializeElement(at: index, to: value)
                        }
                    }
                    count = values.count
                }
            }
        }
        return pass(pass(values, isDown: false), isDown: true)
    }
}

/// What is averaged over cells.
private protocol CellValue {
    func scaled(by factor: Float) -> Self
    func adding(_ other: Self) -> Self
}

extension Float: CellValue {
    fileprivate func scaled(by factor: Float) -> Float { self * factor }
    fileprivate func adding(_ other: Float) -> Float { self + other }
}

extension SIMD4<Float>: CellValue {
    fileprivate func scaled(by factor: Float) -> SIMD4<Float> { self * factor }
    fileprivate func adding(_ other: SIMD4<Float>) -> SIMD4<Float> { self + other }
}
