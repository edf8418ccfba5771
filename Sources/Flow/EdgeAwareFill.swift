import Glibc

/// Interpolates a field over a grid from values of different confidence, without crossing the edges of an image: weighted
/// least squares in alternating directions (Min et al., Fast Global Image Smoothing Based on Weighted Least Squares, IEEE
/// Transactions on Image Processing 2014).
package struct EdgeAwareFill {
    /// Size of the grid.
    package let columns: Int
    package let rows: Int
    /// For each iteration: along the rows, and along the columns.
    private let solvers: [(across: Tridiagonal, down: Tridiagonal)]
    /// Strength of the smoothing: about the square of the reach in cells.
    private static let strength: Float = 60
    /// Difference of two neighbours of the image at which their weight is 1/e.
    private static let edge: Float = 6
    private static let iterations = 3

    /// - Parameter image: a value for each cell, 0...255.
    package init(columns: Int, rows: Int, edgesOf image: [Float]) {
        (self.columns, self.rows) = (columns, rows)
        let across = weights(of: transposed(image, columns: columns, rows: rows), width: rows, edge: Self.edge)
        let down = weights(of: image, width: columns, edge: Self.edge)
        // The strengths of the iterations fall by four, so that the last one is not visible as lines.
        var share = Float(1.5) / (powf(4, Float(Self.iterations)) - 1) * powf(4, Float(Self.iterations - 1))
        solvers = (0..<Self.iterations).map { _ in
            defer { share /= 4 }
            let strength = share * Self.strength
            return (
                Tridiagonal(weights: across, width: rows, strength: strength),
                Tridiagonal(weights: down, width: columns, strength: strength)
            )
        }
    }

    /// The smooth field that fits the values where they are sure.
    ///
    /// - Parameters:
    ///   - values: a vector for each cell.
    ///   - confidence: of each cell, above 0.
    package func filled(_ values: [SIMD2<Float>], confidence: [Float]) -> [SIMD2<Float>] {
        // Values times confidence, and the confidence itself, are smoothed alike; their ratio is the field.
        var field = zip(values, confidence).map { SIMD4($0.x * $1, $0.y * $1, $1, 0) }
        for (across, down) in solvers {
            var turned = transposed(field, columns: columns, rows: rows)
            across.solve(&turned)
            field = transposed(turned, columns: rows, rows: columns)
            down.solve(&field)
        }
        return field.map { SIMD2($0.x, $0.y) / max($0.z, 1e-9) }
    }
}

/// The smoothing of a field along its columns: a tridiagonal system for each, factorised (Thomas's algorithm).
private struct Tridiagonal {
    private let width: Int
    private var scales: [Float]
    private var before: [Float]
    private var factors: [Float]

    /// - Parameters:
    ///   - weights: of each cell to the one below, in lines of `width`.
    init(weights: [Float], width: Int, strength: Float) {
        self.width = width
        scales = weights
        before = [Float](repeating: 0, count: weights.count)
        factors = before
        for index in weights.indices {
            let after = strength * weights[index]
            let factor = index >= width ? factors[index - width] : 0
            scales[index] = 1 / (1 + before[index] + after - before[index] * factor)
            factors[index] = after * scales[index]
            if index + width < weights.count { before[index + width] = after }
        }
    }

    func solve(_ field: inout [SIMD4<Float>]) {
        field.withUnsafeMutableBufferPointer { field in
            scales.withUnsafeBufferPointer { scales in
                before.withUnsafeBufferPointer { before in
                    for index in 0..<min(width, field.count) { field[index] *= scales[index] }
                    for index in min(width, field.count)..<field.count {
                        field[index] = (field[index] + before[index] * field[index - width]) * scales[index]
                    }
                }
            }
            factors.withUnsafeBufferPointer { factors in
                for index in stride(from: field.count - width - 1, through: 0, by: -1) {
                    field[index] += factors[index] * field[index + width]
                }
            }
        }
    }
}

/// The weight of each cell to the one below, 0...1; 0 in the last line.
private func weights(of image: [Float], width: Int, edge: Float) -> [Float] {
    image.indices.map { index in
        index + width < image.count ? expf(-abs(image[index] - image[index + width]) / edge) : 0
    }
}

/// The columns of a grid as rows.
private func transposed<Value>(_ values: [Value], columns: Int, rows: Int) -> [Value] {
    [Value](unsafeUninitializedCapacity: values.count) { target, count in
        values.withUnsafeBufferPointer { source in
            guard let start = target.baseAddress else { return }
            for column in 0..<columns {
                for row in 0..<rows {
                    (start + column * rows + row).initialize(to: source[row * columns + column])
                }
            }
        }
        count = values.count
    }
}
