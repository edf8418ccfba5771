import CKernels
import TestSupport
import Testing

/// The kernels on cells against plain loops, over odd sizes, in each variant.
@Suite struct CellKernelTests {
    private static let sizes = [(1, 1), (5, 3), (16, 9), (23, 18), (40, 7)]

    private func level(_ width: Int, _ height: Int, seed: UInt64) -> FlowLevel {
        var generator = SeededGenerator(seed: seed)
        let level = FlowLevel(width: width, height: height)
        let luma = (0..<width * height).map { _ in UInt8.random(in: 0...255, using: &generator) }
        level.fill(luma, width: width, height: height, shift: 0)
        return level
    }

    /// The grid over a level, and its cells' pixels.
    private func cells(_ width: Int, _ height: Int, side: Int) -> (grid: kernel_cells, pixels: [[(x: Int, y: Int)]]) {
        let (columns, rows) = ((width + side - 1) / side, (height + side - 1) / side)
        let pixels = (0..<rows * columns).map { index in
            let (left, top) = (index % columns * side, index / columns * side)
            return (top..<min(top + side, height)).flatMap { y in (left..<min(left + side, width)).map { ($0, y) } }
        }
        return (kernel_cells(columns: Int32(columns), rows: Int32(rows), side: Int32(side)), pixels)
    }

    private func isNear(_ a: Float, _ b: Double) -> Bool { abs(Double(a) - b) <= 1e-4 * max(1, abs(b)) }

    @Test(arguments: [1, 2, 4]) func facts(side: Int) {
        for (width, height) in Self.sizes {
            let level = level(width, height, seed: 1)
            let (grid, pixels) = cells(width, height, side: side)
            let results = withEachVariant {
                var luma = [Float](repeating: -1, count: pixels.count)
                var tensors = [Float](repeating: -1, count: 4 * pixels.count)
                kernel_cell_facts(level.level, grid, &luma, &tensors, 0, grid.rows)
                return [luma, tensors]
            }
            for result in results { #expect(result == results[0]) }
            for (index, pixels) in pixels.enumerated() {
                func mean(_ value: (Double, Double) -> Double) -> Double {
                    pixels.reduce(0) { sum, at in
                        let place = at.y * Int(level.level.pointee.stride) + at.x
                        let x = level.level.pointee.gradient_x[place]
                        let y = level.level.pointee.gradient_y[place]
                        return sum + value(Double(x), Double(y))
                    } / Double(pixels.count)
                }
                let luma = pixels.reduce(0) { $0 + level.pixel($1.x, $1.y) } / Double(pixels.count)
                #expect(isNear(results[0][0][index], luma))
                let tensor = results[0][1][4 * index..<4 * index + 4]
                for (value, expected) in zip(tensor, [mean { x, _ in x * x }, mean(*), mean { _, y in y * y }, 0]) {
                    #expect(isNear(value, expected))
                }
            }
        }
    }

    @Test(arguments: [1, 2, 4]) func errors(side: Int) {
        var generator = SeededGenerator(seed: 3)
        for (width, height) in Self.sizes {
            let (from, to) = (level(width, height, seed: 1), level(width, height, seed: 2))
            let (grid, pixels) = cells(width, height, side: side)
            // Also far beyond the edges.
            let shifts = (0..<2 * pixels.count).map {
                Float.random(in: $0 % 5 == 0 ? -99...99 : -4...4, using: &generator)
            }
            let results = withEachVariant {
                var errors = [Float](repeating: -1, count: pixels.count)
                kernel_cell_errors(from.level, to.level, grid, shifts, &errors, 0, grid.rows)
                return errors
            }
            for result in results { #expect(result == results[0]) }
            for (index, pixels) in pixels.enumerated() {
                let expected = pixels.reduce(0) { sum, at in
                    let there = to.sample(
                        Double(at.x) + Double(shifts[2 * index]), Double(at.y) + Double(shifts[2 * index + 1]))
                    let difference = from.pixel(at.x, at.y) - there
                    return sum + difference * difference
                }
                #expect(abs(Double(results[0][index]) - expected / Double(pixels.count)) < 0.2)
            }
        }
    }

    @Test func shiftsThatAreNotFinite() {
        let level = level(9, 6, seed: 1)
        let (grid, pixels) = cells(9, 6, side: 2)
        for value in [Float.nan, .infinity, -.infinity, 1e30, -1e30] {
            let shifts = [Float](repeating: value, count: 2 * pixels.count)
            for errors in withEachVariant({
                var errors = [Float](repeating: -1, count: pixels.count)
                kernel_cell_errors(level.level, level.level, grid, shifts, &errors, 0, grid.rows)
                return errors
            }) {
                #expect(errors.allSatisfy { $0.isFinite && $0 >= 0 })
            }
        }
    }

    @Test func blends() {
        var generator = SeededGenerator(seed: 5)
        for (width, height) in Self.sizes {
            let (columns, rows) = ((width + 3) / 4, (height + 3) / 4)
            let cells = (0..<columns * rows).flatMap { _ in
                [
                    Float.random(in: -9...9, using: &generator), .random(in: -9...9, using: &generator),
                    .random(in: 0...1, using: &generator), 0,
                ]
            }
            let flow = (0..<2).map { _ in
                (0..<width * height).map { _ in Float.random(in: -9...9, using: &generator) }
            }
            let results = withEachVariant {
                var (u, v) = (flow[0], flow[1])
                kernel_blend_cells(cells, Int32(columns), Int32(rows), &u, &v, Int32(width), 0, Int32(height))
                return [u, v]
            }
            for result in results { #expect(result == results[0]) }
            func cell(_ x: Double, _ y: Double, _ lane: Int) -> Double {
                let (x, y) = (min(max(x, 0), Double(columns - 1)), min(max(y, 0), Double(rows - 1)))
                func at(_ x: Int, _ y: Int) -> Double {
                    Double(cells[4 * (min(y, rows - 1) * columns + min(x, columns - 1)) + lane])
                }
                let (left, top) = (Int(x), Int(y))
                let (s, t) = (x - Double(left), y - Double(top))
                return (1 - t) * ((1 - s) * at(left, top) + s * at(left + 1, top))
                    + t * ((1 - s) * at(left, top + 1) + s * at(left + 1, top + 1))
            }
            for index in 0..<width * height {
                let (x, y) = ((Double(index % width) + 0.5) / 4 - 0.5, (Double(index / width) + 0.5) / 4 - 0.5)
                for lane in 0..<2 {
                    let before = Double(flow[lane][index])
                    #expect(isNear(results[0][lane][index], before + cell(x, y, 2) * (cell(x, y, lane) - before)))
                }
            }
        }
    }
}
