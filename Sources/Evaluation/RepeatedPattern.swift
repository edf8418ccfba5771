import Imaging

/// A square part of an image, in pixels.
public struct PixelWindow: Sendable, Equatable {
    public let x: Int
    public let y: Int
    public let size: Int

    /// - Parameter size: length of a side.
    public init(x: Int, y: Int, size: Int) {
        self.x = x
        self.y = y
        self.size = size
    }
}

/// The largest repetition in a part of an image, such as the rings or the grid that a network adds to plain areas.
public struct RepeatedPattern: Sendable, Equatable {
    /// The highest peak of the autocorrelation, 0...1; 0: there is none.
    public let strength: Double
    /// The distance in pixels of the nearest peak that has at least 95 % of this height; 0 without one.
    public let distance: Double
    /// Standard deviation of the high-passed luma, of 255: whether the pattern can be seen.
    public let contrast: Double
}

/// The fine structure of an image: its luma minus the mean over the 41 x 41 pixels around, as far as they lie within the
/// image.
public struct FineStructure: Sendable {
    /// Half the side of the high-pass filter, without the pixel itself.
    private static let radius = 20
    /// Distances at which a repetition is looked for, in pixels.
    private static let distances = 5.0...40.0

    private let values: Plane<Float>
    private let squares: SummedArea

    /// - Parameter luma: 0...255.
    public init(_ luma: Plane<UInt8>) {
        let sums = SummedArea(width: luma.width, height: luma.height) { Double(luma.values[$0]) }
        var values = Plane<Float>(width: luma.width, height: luma.height, repeating: 0)
        for y in 0..<luma.height {
            let rows = max(y - Self.radius, 0)..<min(y + Self.radius + 1, luma.height)
            for x in 0..<luma.width {
                let columns = max(x - Self.radius, 0)..<min(x + Self.radius + 1, luma.width)
                let mean = sums.sum(columns, rows) / Double(columns.count * rows.count)
                values[x, y] = Float(Double(luma[x, y]) - mean)
            }
        }
        self.values = values
        squares = SummedArea(width: luma.width, height: luma.height) { Double(values.values[$0] * values.values[$0]) }
    }

    /// Standard deviation within a window, of 255.
    public func contrast(in window: PixelWindow) -> Double {
        let sum = squares.sum(window.x..<window.x + window.size, window.y..<window.y + window.size)
        return (max(sum, 0) / Double(max(window.size * window.size, 1))).squareRoot()
    }

    /// The window with the least contrast, the first of several; windows are looked for every eighth pixel.
    /// - Returns: nil if the image is smaller than the window.
    public func plainestWindow(size: Int) -> PixelWindow? {
        guard size > 0, values.width >= size, values.height >= size else { return nil }
        var best: (window: PixelWindow, contrast: Double)?
        for y in stride(from: 0, through: values.height - size, by: 8) {
            for x in stride(from: 0, through: values.width - size, by: 8) {
                let window = PixelWindow(x: x, y: y, size: size)
                let contrast = contrast(in: window)
                if contrast < best?.contrast ?? .infinity { best = (window, contrast) }
            }
        }
        return best?.window
    }

    /// The largest peak of the autocorrelation of a window, 5 to 40 pixels from the centre.
    ///
    /// The correlation at a displacement is the sum of products over the pairs of pixels within the window, over the
    /// root of the product of both sums of squares. A peak is at least as high as its eight neighbours; and on the
    /// straight line to the centre there is a value below half of its own, so that long strokes, which resemble
    /// themselves along their direction, are no repetition.
    /// - Precondition: the window lies within the image.
    public func repetition(in window: PixelWindow) -> RepeatedPattern {
        precondition(
            window.x >= 0 && window.y >= 0 && window.x + window.size <= values.width
                && window.y + window.size <= values.height, "a window lies within its image")
        let reach = min(Int(Self.distances.upperBound), window.size / 2)
        let correlations = Correlation(reach: reach + 1) { correlation(at: $0, $1, in: window) }
        var peaks: [(strength: Double, distance: Double)] = []
        for y in 0...reach {
            for x in -reach...reach {
                let distance = Double(x * x + y * y).squareRoot()
                let value = correlations[x, y]
                if Self.distances.contains(distance), value > 0, correlations.isPeak(x, y) {
                    peaks.append((value, distance))
                }
            }
        }
        let strength = peaks.map(\.strength).max() ?? 0
        return RepeatedPattern(
            strength: strength, distance: peaks.filter { $0.strength >= 0.95 * strength }.map(\.distance).min() ?? 0,
            contrast: contrast(in: window))
    }

    /// - Parameter y: 0 or more.
    private func correlation(at x: Int, _ y: Int, in window: PixelWindow) -> Double {
        let columns = window.x + max(-x, 0)..<window.x + window.size - max(x, 0)
        let rows = window.y..<window.y + window.size - y
        guard !columns.isEmpty, !rows.isEmpty else { return 0 }
        let here = squares.sum(columns, rows)
        let there = squares.sum(
            columns.lowerBound + x..<columns.upperBound + x, rows.lowerBound + y..<rows.upperBound + y)
        // Rounding of the luma alone is no pattern.
        guard min(here, there) > 1e-6 * Double(columns.count * rows.count) else { return 0 }
        let product = values.values.withUnsafeBufferPointer { values in
            rows.reduce(0.0) { sum, row in
                let (first, second) = (row * self.values.width, (row + y) * self.values.width + x)
                var line: Float = 0
                for column in columns { line += values[first + column] * values[second + column] }
                return sum + Double(line)
            }
        }
        return product / (here * there).squareRoot()
    }
}

/// An autocorrelation, which is the same at opposite displacements: the half with y >= 0.
private struct Correlation {
    private let reach: Int
    private let values: [Double]

    init(reach: Int, at: (_ x: Int, _ y: Int) -> Double) {
        self.reach = reach
        values = (0...reach).flatMap { y in (-reach...reach).map { x in at(x, y) } }
    }

    subscript(x: Int, y: Int) -> Double {
        let (x, y) = y < 0 ? (-x, -y) : (x, y)
        return values[y * (2 * reach + 1) + x + reach]
    }

    func isPeak(_ x: Int, _ y: Int) -> Bool {
        let value = self[x, y]
        for row in y - 1...y + 1 {
            for column in x - 1...x + 1 where self[column, row] > value { return false }
        }
        let steps = 2 * max(abs(x), abs(y))
        return (1..<steps).contains { step in
            let share = Double(step) / Double(steps)
            return self[Int((share * Double(x)).rounded()), Int((share * Double(y)).rounded())] < value / 2
        }
    }
}

/// Sums over rectangles of an image.
private struct SummedArea: Sendable {
    private let width: Int
    private var sums: [Double]

    init(width: Int, height: Int, value: (_ pixel: Int) -> Double) {
        self.width = width + 1
        sums = Array(repeating: 0, count: (width + 1) * (height + 1))
        for y in 0..<height {
            var line = 0.0
            for x in 0..<width {
                line += value(y * width + x)
                sums[(y + 1) * self.width + x + 1] = sums[y * self.width + x + 1] + line
            }
        }
    }

    func sum(_ columns: Range<Int>, _ rows: Range<Int>) -> Double {
        let (top, bottom) = (rows.lowerBound * width, rows.upperBound * width)
        return sums[bottom + columns.upperBound] - sums[bottom + columns.lowerBound] - sums[top + columns.upperBound]
            + sums[top + columns.lowerBound]
    }
}
