import CKernels
import Imaging

/// Makes the flow of plain areas smooth.
///
/// Without texture any motion fits, and the estimator's answers there are islands that change from frame to frame. Strokes
/// that are warped along them are torn. Such areas get the motion of the textured ones around them, up to the edges of the
/// image, where the frames agree on it as well as on the estimate.
struct PlainAreas {
    /// Side of a cell in pixels of the frame.
    private static let cell = 4
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
    /// Side of a cell in pixels of the pyramid's finest level.
    private let side: Int
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
        side = max(1, Self.cell >> pyramid.finestScale)
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
        forEachCell(of: level) { index, xs, ys in
            var (sum, tensor) = (Float(0), SIMD4<Float>.zero)
            for y in ys {
                for x in xs {
                    let place = y * Int(level.stride) + x
                    let (across, down) = (level.gradient_x[place], level.gradient_y[place])
                    sum += level.image[place]
                    tensor += SIMD4(across * across, across * down, down * down, 0)
                }
            }
            let count = Float(xs.count * ys.count)
            (luma[index], tensors[index]) = (sum / count, tensor / count)
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
        var errors = [Float](repeating: 0, count: columns * rows)
        let (right, bottom) = (Int(to.width) - 1, Int(to.height) - 1)
        let stride = Int(to.stride)
        forEachCell(of: from) { index, xs, ys in
            // The cell has one motion, and so one place between the pixels.
            let shift = flow[index] / scale
            let whole = SIMD2(shift.x.rounded(.down), shift.y.rounded(.down))
            let (across, down) = (shift.x - whole.x, shift.y - whole.y)
            // Beyond the frame its edge is repeated; farther than its size is as far.
            let dx = Int(max(-Float(right) - 1, min(whole.x, Float(right) + 1)))
            let dy = Int(max(-Float(bottom) - 1, min(whole.y, Float(bottom) + 1)))
            var sum: Float = 0
            for y in ys {
                let top = to.image + min(max(y + dy, 0), bottom) * stride
                let below = to.image + min(max(y + dy + 1, 0), bottom) * stride
                let line = from.image + y * Int(from.stride)
                for x in xs {
                    let (left, next) = (min(max(x + dx, 0), right), min(max(x + dx + 1, 0), right))
                    let upper = top[left] + (top[next] - top[left]) * across
                    let lower = below[left] + (below[next] - below[left]) * across
                    let difference = line[x] - (upper + (lower - upper) * down)
                    sum += difference * difference
                }
            }
            errors[index] = sum / Float(xs.count * ys.count)
        }
        return averaged(errors, times: 1)
    }

    /// The flow, moved towards the cells' by their shares.
    private func blended(_ flow: FlowField, with cells: [SIMD2<Float>], shares: [Float]) -> FlowField {
        var result = flow
        let packed = zip(cells, shares).map { SIMD4($0.x, $0.y, $1, 0) }
        let across = (0..<width).map { Self.neighbours($0, count: columns) }
        var line = [SIMD4<Float>](repeating: .zero, count: columns)
        result.u.withUnsafeMutableBufferPointer { u in
            result.v.withUnsafeMutableBufferPointer { v in
                for y in 0..<height {
                    let (upper, lower, down) = Self.neighbours(y, count: rows)
                    for column in 0..<columns {
                        let top = packed[upper * columns + column]
                        line[column] = top + (packed[lower * columns + column] - top) * down
                    }
                    line.withUnsafeBufferPointer { line in
                        across.withUnsafeBufferPointer { across in
                            for x in 0..<width {
                                let place = across[x]
                                let left = line[place.first]
                                let value = left + (line[place.second] - left) * place.share
                                let index = y * width + x
                                u[index] += value.z * (value.x - u[index])
                                v[index] += value.z * (value.y - v[index])
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// The cells around a pixel, and its place between their centres.
    private static func neighbours(_ pixel: Int, count: Int) -> (first: Int, second: Int, share: Float) {
        let place = (Float(pixel) + 0.5) / Float(cell) - 0.5
        let first = Int(place.rounded(.down))
        return (min(max(first, 0), count - 1), min(max(first + 1, 0), count - 1), place - Float(first))
    }

    // MARK: Cells

    private func forEachCell(
        of level: flow_level, _ body: (_ index: Int, _ xs: Range<Int>, _ ys: Range<Int>) -> Void
    ) {
        let (right, bottom) = (Int(level.width), Int(level.height))
        for row in 0..<rows {
            let ys = min(row * side, bottom - 1)..<min((row + 1) * side, bottom)
            for column in 0..<columns {
                body(row * columns + column, min(column * side, right - 1)..<min((column + 1) * side, right), ys)
            }
        }
    }

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
