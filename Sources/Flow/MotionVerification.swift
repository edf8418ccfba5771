import CKernels
import Imaging

/// Compares two frames along the motion between them, which the forward-backward check does not.
///
/// - Cells that differ are uncertain: where small things move fast, the flow may be 0 both ways, and so consistent.
/// - Uncertain cells that match at the motion of certain ones nearby get that motion: around a moving object the estimated
///   flow of a still background follows the object, several times as far as the background was really hidden. There the
///   painting would be made anew in every frame. What was hidden matches nothing.
package struct MotionVerification {
    /// Side of a cell, and what is compared around it to find its motion, in pixels.
    private static let (cellSize, margin) = (Int(KERNEL_CELL), 3)
    /// Distance in cells from cells that match nowhere at which others are certain.
    private static let belt = 2
    /// Side of the blocks of which the mean certain flow is a candidate.
    private static let blockSize = 8
    /// Distances in blocks at which certain ones are looked for.
    private static let reach = 1...4
    /// Difference in pixels up to which two flows are the same.
    private static let sameFlow: Float = 0.25
    /// Root of the mean squared difference of the luma, of 255, up to which a cell matches.
    private static let tolerance: Float = 5

    private let luma: Plane<UInt8>
    private let last: Plane<UInt8>
    private let columns: Int
    private let rows: Int
    /// Mean flow of a block's certain pixels; nil for blocks that are less than half certain.
    private let blocks: [SIMD2<Float>?]

    /// The motion without the cells that differ, and with those that have found their place.
    ///
    /// - Parameters:
    ///   - motion: from the frame to the last one, of a single image.
    ///   - luma: of the frame, of the motion's size.
    ///   - last: luma of the last frame.
    /// - Returns: `motion` itself if the sizes differ.
    package static func verified(
        _ motion: Motion, from luma: Plane<UInt8>, to last: Plane<UInt8>, threads: Int = 0
    ) -> Motion {
        let (width, height) = (motion.flow.width, motion.flow.height)
        let sizes = [
            (luma.width, luma.height), (last.width, last.height), (motion.certainty.width, motion.certainty.height),
        ]
        guard sizes.allSatisfy({ $0 == (width, height) }), width > 0, height > 0 else { return motion }
        var result = motion
        LumaRange(of: last, threads: threads).reject(&result, of: luma, threads: threads)
        let verification = MotionVerification(result, luma, last, threads: threads)
        verification.repair(&result, threads: threads)
        return result
    }

    private init(_ motion: Motion, _ luma: Plane<UInt8>, _ last: Plane<UInt8>, threads: Int) {
        self.luma = luma
        self.last = last
        let (width, height, size) = (luma.width, luma.height, Self.blockSize)
        let (columns, rows) = ((width + size - 1) / size, (height + size - 1) / size)
        (self.columns, self.rows) = (columns, rows)
        blocks = parallelMap(rows, threads: threads) { row in
            (0..<columns).map { column in
                var (sum, count) = (SIMD2<Float>.zero, 0)
                for y in row * size..<min((row + 1) * size, height) {
                    for x in column * size..<min((column + 1) * size, width) {
                        let index = y * width + x
                        guard motion.certainty.values[index] >= 1 else { continue }
                        sum += SIMD2(motion.flow.u[index], motion.flow.v[index])
                        count += 1
                    }
                }
                return count >= size * size / 2 ? sum / Float(count) : nil
            }
        }.flatMap { $0 }
    }

    /// What is known of a cell.
    private enum Cell {
        case certain
        case unknown
        case found(SIMD2<Float>)

        var isUnknown: Bool { if case .unknown = self { true } else { false } }
    }

    /// Makes cells certain that have found their place, but for those near a cell that has not: what was painted beside a
    /// moving object shows its outlines, and has to be painted anew when it is gone.
    private func repair(_ motion: inout Motion, threads: Int) {
        let (width, height, size) = (luma.width, luma.height, Self.cellSize)
        let (columns, rows) = ((width + size - 1) / size, (height + size - 1) / size)
        let certainty = motion.certainty.values
        let cells = parallelMap(rows, threads: threads) { row in
            (0..<columns).map { column in
                let (xs, ys) = pixels(column, row)
                let isCertain = ys.allSatisfy { y in xs.allSatisfy { certainty[y * width + $0] >= 1 } }
                return isCertain ? Cell.certain : displacement(xs, ys).map { .found($0) } ?? .unknown
            }
        }
        for (row, line) in cells.enumerated() {
            for (column, cell) in line.enumerated() {
                guard case .found(let flow) = cell else { continue }
                let around = max(column - Self.belt, 0)...min(column + Self.belt, columns - 1)
                let isNear = (max(row - Self.belt, 0)...min(row + Self.belt, rows - 1)).contains { row in
                    around.contains { cells[row][$0].isUnknown }
                }
                if isNear { continue }
                let (xs, ys) = pixels(column, row)
                for y in ys {
                    for x in xs where motion.certainty.values[y * width + x] < 1 {
                        let index = y * width + x
                        (motion.flow.u[index], motion.flow.v[index]) = (flow.x, flow.y)
                        motion.certainty.values[index] = 1
                    }
                }
            }
        }
    }

    /// The columns and rows of a cell.
    private func pixels(_ column: Int, _ row: Int) -> (Range<Int>, Range<Int>) {
        let size = Self.cellSize
        return (
            column * size..<min((column + 1) * size, luma.width), row * size..<min((row + 1) * size, luma.height)
        )
    }

    /// The displacement at which a cell matches the last frame; nil if it matches nowhere, or at different ones, as plain
    /// areas do. No motion is preferred where there is a still neighbour.
    private func displacement(_ xs: Range<Int>, _ ys: Range<Int>) -> SIMD2<Float>? {
        let matches = candidates(column: xs.lowerBound / Self.blockSize, row: ys.lowerBound / Self.blockSize)
            .compactMap { flow in squaredError(xs, ys, flow).map { (flow: flow, error: $0) } }
        if let still = matches.first(where: { $0.flow.isNear(.zero, within: Self.sameFlow) }) { return still.flow }
        guard let best = matches.min(by: { $0.error < $1.error }) else { return nil }
        return matches.allSatisfy { $0.flow.isNear(best.flow, within: 1) } ? best.flow : nil
    }

    /// The flows of the nearest certain blocks in four directions.
    private func candidates(column: Int, row: Int) -> [SIMD2<Float>] {
        var found: [SIMD2<Float>] = []
        for (across, down) in [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)] {
            for distance in Self.reach {
                let (x, y) = (column + across * distance, row + down * distance)
                guard x >= 0, x < columns, y >= 0, y < rows else { break }
                guard let flow = blocks[y * columns + x] else { continue }
                if !found.contains(where: { $0.isNear(flow, within: Self.sameFlow) }) { found.append(flow) }
                break
            }
        }
        return found
    }

    /// A cell with the margin around it that is compared.
    private func surroundings(_ xs: Range<Int>, _ ys: Range<Int>) -> (xs: Range<Int>, ys: Range<Int>) {
        (
            max(xs.lowerBound - Self.margin, 0)..<min(xs.upperBound + Self.margin, luma.width),
            max(ys.lowerBound - Self.margin, 0)..<min(ys.upperBound + Self.margin, luma.height)
        )
    }

    /// Mean squared difference of a cell and its surroundings from the last frame; nil if it does not match, or the place
    /// is outside of the frame.
    private func squaredError(_ xs: Range<Int>, _ ys: Range<Int>, _ displacement: SIMD2<Float>) -> Float? {
        let (width, height) = (luma.width, luma.height)
        let (xs, ys) = surroundings(xs, ys)
        let whole = SIMD2(displacement.x.rounded(.down), displacement.y.rounded(.down))
        guard abs(whole.x) < Float(width), abs(whole.y) < Float(height) else { return nil }
        let (dx, dy) = (Int(whole.x), Int(whole.y))
        let (right, below) = (displacement.x > whole.x ? 1 : 0, displacement.y > whole.y ? 1 : 0)
        guard xs.lowerBound + dx >= 0, xs.upperBound + dx + right <= width, ys.lowerBound + dy >= 0,
            ys.upperBound + dy + below <= height
        else { return nil }
        let most = Self.tolerance * Self.tolerance * Float(xs.count * ys.count)
        let place = kernel_rectangle(
            left: Int32(xs.lowerBound), top: Int32(ys.lowerBound), columns: Int32(xs.count), rows: Int32(ys.count))
        let sum = luma.values.withUnsafeBufferPointer { now -> Float in
            last.values.withUnsafeBufferPointer { last in
                guard let now = now.baseAddress, let last = last.baseAddress else { return 0 }
                return kernel_displaced_error(
                    now, last, Int32(width), Int32(height), place, displacement.x, displacement.y, most)
            }
        }
        return sum <= most ? sum / Float(xs.count * ys.count) : nil
    }
}

extension SIMD2<Float> {
    fileprivate func isNear(_ other: SIMD2<Float>, within distance: Float) -> Bool {
        let difference = self - other
        return Swift.max(abs(difference.x), abs(difference.y)) < distance
    }
}
