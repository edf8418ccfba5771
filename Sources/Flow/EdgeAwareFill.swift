import Glibc

/// Interpolates a field over a grid from values of different confidence, without crossing the edges of an image: weighted
/// least squares in alternating directions (Min et al., Fast Global Image Smoothing Based on Weighted Least Squares, IEEE
/// Transactions on Image Processing 2014).
package struct EdgeAwareFill {
    /// Size of the grid.
    package let columns: Int
    package let rows: Int
    /// Weights between neighbours, 0...1: to the right and downwards.
    private let right: [Float]
    private let down: [Float]
    /// Strength of the smoothing: about the square of the reach in cells.
    private static let strength: Float = 60
    /// Difference of two neighbours of the image at which their weight is 1/e.
    private static let edge: Float = 6
    private static let iterations = 3

    /// - Parameter image: a value for each cell, 0...255.
    package init(columns: Int, rows: Int, edgesOf image: [Float]) {
        (self.columns, self.rows) = (columns, rows)
        func weight(_ one: Int, _ other: Int) -> Float { expf(-abs(image[one] - image[other]) / Self.edge) }
        var (right, down) = ([Float](repeating: 0, count: image.count), [Float](repeating: 0, count: image.count))
        for index in image.indices {
            if index % columns + 1 < columns { right[index] = weight(index, index + 1) }
            if index + columns < image.count { down[index] = weight(index, index + columns) }
        }
        (self.right, self.down) = (right, down)
    }

    /// The smooth field that fits the values where they are sure.
    ///
    /// - Parameters:
    ///   - values: a vector for each cell.
    ///   - confidence: of each cell, above 0.
    package func filled(_ values: [SIMD2<Float>], confidence: [Float]) -> [SIMD2<Float>] {
        // Values times confidence, and the confidence itself, are smoothed alike; their ratio is the field.
        var field = zip(values, confidence).map { SIMD4($0.x * $1, $0.y * $1, $1, 0) }
        var factors = [Float](repeating: 0, count: field.count)
        // The strengths of the iterations fall by four, so that the last one is not visible as lines.
        var share = Float(1.5) / (powf(4, Float(Self.iterations)) - 1) * powf(4, Float(Self.iterations - 1))
        for _ in 0..<Self.iterations {
            let strength = share * Self.strength
            field.withUnsafeMutableBufferPointer { field in
                factors.withUnsafeMutableBufferPointer { factors in
                    for row in 0..<rows {
                        solve(field, factors, right, strength, from: row * columns, step: 1, count: columns)
                    }
                    for column in 0..<columns {
                        solve(field, factors, down, strength, from: column, step: columns, count: rows)
                    }
                }
            }
            share /= 4
        }
        return field.map { SIMD2($0.x, $0.y) / max($0.z, 1e-9) }
    }

    /// Smooths one line: solves its tridiagonal system by Thomas's algorithm.
    ///
    /// - Parameters:
    ///   - weights: of each cell to the next one of the line.
    ///   - start: index of the line's first cell.
    private func solve(
        _ field: UnsafeMutableBufferPointer<SIMD4<Float>>, _ factors: UnsafeMutableBufferPointer<Float>,
        _ weights: [Float], _ strength: Float, from start: Int, step: Int, count: Int
    ) {
        weights.withUnsafeBufferPointer { weights in
            var (before, index) = (Float(0), start)
            var (factor, value) = (Float(0), SIMD4<Float>.zero)
            for position in 0..<count {
                let after = position + 1 < count ? strength * weights[index] : 0
                let scale = 1 / (1 + before + after - before * factor)
                value = (field[index] + before * value) * scale
                factor = after * scale
                (field[index], factors[index]) = (value, factor)
                before = after
                index += step
            }
            index -= step
            for _ in 1..<max(count, 1) {
                index -= step
                value = field[index] + factors[index] * value
                field[index] = value
            }
        }
    }
}
