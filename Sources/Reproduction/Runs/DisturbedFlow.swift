import Flow
import Imaging
import Support

extension FlowField {
    /// The flow with a smooth random error added, as estimators make them: Gaussian noise on a grid, interpolated.
    ///
    /// - Parameters:
    ///   - amount: root mean square length of the error in pixels.
    ///   - spacing: of the grid, in pixels.
    ///   - seed: the same seed gives the same error.
    package func disturbed(by amount: Double, spacing: Int = 16, seed: UInt64) -> FlowField {
        guard amount > 0 else { return self }
        let (columns, rows) = (width / spacing + 2, height / spacing + 2)
        var random = SplitMix(seed: seed)
        var coarse = FlowField(width: columns, height: rows)
        for index in coarse.u.indices {
            coarse.u[index] = random.normal()
            coarse.v[index] = random.normal()
        }
        var error = FlowField(width: width, height: height)
        for y in 0..<height {
            let (row, down) = (y / spacing, Float(y % spacing) / Float(spacing))
            for x in 0..<width {
                let (column, across) = (x / spacing, Float(x % spacing) / Float(spacing))
                let corner = row * columns + column
                func blended(_ values: [Float]) -> Float {
                    let upper = values[corner] + (values[corner + 1] - values[corner]) * across
                    let lower =
                        values[corner + columns] + (values[corner + columns + 1] - values[corner + columns]) * across
                    return upper + (lower - upper) * down
                }
                error.u[y * width + x] = blended(coarse.u)
                error.v[y * width + x] = blended(coarse.v)
            }
        }
        let squares = zip(error.u, error.v).reduce(0.0) { $0 + Double($1.0 * $1.0 + $1.1 * $1.1) }
        let factor = Float(amount / (squares / Double(max(1, width * height))).squareRoot())
        var result = self
        for index in result.u.indices {
            result.u[index] += factor * error.u[index]
            result.v[index] += factor * error.v[index]
        }
        return result
    }
}

extension SplitMix {
    /// About normally distributed: the sum of twelve uniform numbers has variance 1.
    fileprivate mutating func normal() -> Float { (0..<12).reduce(-6) { sum, _ in sum + nextUnit() } }
}
