import Imaging

/// Completes a prior to a painting: its uncertain pixels get the colors that the painting had around them where the frame
/// looked alike, and the strokes of a certain place nearby. For frames that the network does not paint.
///
/// Around each pixel the painting is about an affine function of the frame's colors. The function is fitted, by ridge
/// regression, to the last frame and its painting in cells of ``cellSize`` pixels, so that it knows things that have moved
/// on; without a last frame, to the certain pixels. A cell with few of these takes the function of the four times larger
/// cell around it. What the function does not explain are the strokes.
package struct PriorCompletion {
    /// Side of the smallest cells, in pixels.
    fileprivate static let cellSize = 8
    /// Every second pixel of every second row is enough to fit a cell.
    private static let spacing = 2
    /// Number of pixels as which the larger cell counts.
    fileprivate static let support: Float = 24
    /// Distance in cells from uncertain pixels up to which others are looked at.
    private static let reach = 8
    /// Variance of the frame's colors below which they say little.
    fileprivate static let regularization: Float = 100
    /// Certainty from which on the prior is taken as it is; below it is mixed with noise.
    private static let leastCertainty: Float = 0.99

    private let prior: Prior
    /// In network space, of the prior's size.
    private let frame: Image
    private let sums: CellGrid
    /// What the functions were fitted to.
    private let known: CellGrid
    private let functions: FunctionGrid

    /// The prior's image with all pixels filled.
    ///
    /// - Parameters:
    ///   - frame: in network space, of the prior's size.
    ///   - last: the last frame and its painting, likewise; of another size they are not used.
    package static func complete(
        _ prior: Prior, of frame: Image, after last: (frame: Image, painting: Image)? = nil, threads: Int
    ) -> Image {
        guard prior.image.width == frame.width, prior.image.height == frame.height,
            let completion = PriorCompletion(prior, frame, last, threads: threads)
        else { return prior.image }
        return completion.filled(threads: threads)
    }

    /// Nil if all pixels are certain, or none.
    private init?(_ prior: Prior, _ frame: Image, _ last: (frame: Image, painting: Image)?, threads: Int) {
        let isWanted = Self.cellsNearUncertain(prior.certainty)
        guard let isWanted, let sums = Self.sums(of: prior, frame, where: isWanted, threads: threads) else {
            return nil
        }
        var known: CellGrid?
        if let last, [last.frame, last.painting].allSatisfy({ ($0.width, $0.height) == (frame.width, frame.height) }) {
            known = Self.sums(of: Prior(allOf: last.painting), last.frame, where: isWanted, threads: threads)
        }
        self.prior = prior
        self.frame = frame
        self.sums = sums
        self.known = known ?? sums
        functions = self.known.functions()
    }

    private func filled(threads: Int) -> Image {
        let (width, height, count) = (frame.width, frame.height, frame.pixelCount)
        let size = Self.cellSize
        let certainty = prior.certainty.values
        return Image(width: width, height: height) { target in
            _ = target.update(fromContentsOf: prior.image.samples)
            nonisolated(unsafe) let target = target
            parallel(sums.rows, threads: threads) { row in
                for column in 0..<sums.columns {
                    // Looked for once the cell has an uncertain pixel.
                    var strokes: Int??
                    var range = ColorRange()
                    for y in row * size..<min((row + 1) * size, height) {
                        for x in column * size..<min((column + 1) * size, width)
                        where certainty[y * width + x] < Self.leastCertainty {
                            if strokes == nil {
                                strokes = .some(placeOfStrokes(column, row))
                                range = known.range(column, row)
                            }
                            var color = self.color(x, y)
                            if let place = strokes ?? nil {
                                let source = y * width + x + place
                                color += self.color(source % width, source / width, isResidual: true)
                            }
                            color.clamp(lowerBound: range.low, upperBound: range.high)
                            for channel in 0..<3 { target[channel * count + y * width + x] = color[channel] }
                        }
                    }
                }
            }
        }
    }

    /// The painting's color by the function at a pixel, or what the prior differs from it.
    private func color(_ x: Int, _ y: Int, isResidual: Bool = false) -> SIMD4<Float> {
        let size = Float(Self.cellSize)
        let function = functions.at((Float(x) + 0.5) / size - 0.5, (Float(y) + 0.5) / size - 0.5)
        let (index, count) = (y * frame.width + x, frame.pixelCount)
        let input = SIMD4(frame.samples[index], frame.samples[count + index], frame.samples[2 * count + index], 1)
        let color = SIMD4(
            (function.blue * input).sum(), (function.green * input).sum(), (function.red * input).sum(), 0)
        guard isResidual else { return color }
        let painted = prior.image.samples
        return SIMD4(painted[index], painted[count + index], painted[2 * count + index], 0) - color
    }

    /// For each cell, whether it is within ``reach`` of an uncertain pixel; nil if there is none.
    private static func cellsNearUncertain(_ certainty: Plane<Float>) -> [Bool]? {
        let (width, size) = (certainty.width, cellSize)
        let (columns, rows) = ((width + size - 1) / size, (certainty.height + size - 1) / size)
        var isUncertain = Array(repeating: false, count: columns * rows)
        certainty.values.withUnsafeBufferPointer { values in
            for y in 0..<certainty.height {
                for x in 0..<width where values[y * width + x] < leastCertainty {
                    isUncertain[y / size * columns + x / size] = true
                }
            }
        }
        guard isUncertain.contains(true) else { return nil }
        var isNear = Array(repeating: false, count: columns * rows)
        for row in 0..<rows {
            for column in 0..<columns where isUncertain[row * columns + column] {
                for y in max(row - reach, 0)...min(row + reach, rows - 1) {
                    for x in max(column - reach, 0)...min(column + reach, columns - 1) {
                        isNear[y * columns + x] = true
                    }
                }
            }
        }
        return isNear
    }

    /// Offsets in cells at which strokes are looked for: in eight directions, near ones first.
    private static let places: [(column: Int, row: Int)] = {
        let directions = [(0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (1, 1), (-1, 1), (1, -1)]
        return [2, 3, 5, 8].flatMap { distance in
            directions.map { (column: $0.0 * distance, row: $0.1 * distance) }
        }
    }()

    /// The offset, in pixels, to a cell whose pixels are all certain; nil if there is none nearby.
    private func placeOfStrokes(_ column: Int, _ row: Int) -> Int? {
        let full = Float(Self.cellSize / Self.spacing * Self.cellSize / Self.spacing)
        let place = Self.places.first { place in
            let (x, y) = (column + place.column, row + place.row)
            return x >= 0 && x < sums.columns && y >= 0 && y < sums.rows
                && sums.cells[y * sums.columns + x].count >= full
        }
        return place.map { ($0.row * frame.width + $0.column) * Self.cellSize }
    }

    /// The sums of the smallest cells, of those that are wanted; nil if no pixel is certain there.
    private static func sums(of prior: Prior, _ frame: Image, where isWanted: [Bool], threads: Int) -> CellGrid? {
        let (width, height, count) = (frame.width, frame.height, frame.pixelCount)
        let (columns, rows) = ((width + cellSize - 1) / cellSize, (height + cellSize - 1) / cellSize)
        let cells = parallelMap(rows, threads: threads) { row in
            var sums = Array(repeating: CellSums(), count: columns)
            for y in stride(from: row * cellSize, to: min((row + 1) * cellSize, height), by: spacing) {
                for x in stride(from: 0, to: width, by: spacing) where isWanted[row * columns + x / cellSize] {
                    let i = y * width + x
                    guard prior.certainty.values[i] >= leastCertainty else { continue }
                    sums[x / cellSize].add(
                        frame: SIMD4(frame.samples[i], frame.samples[count + i], frame.samples[2 * count + i], 1),
                        painting: (
                            prior.image.samples[i], prior.image.samples[count + i], prior.image.samples[2 * count + i]
                        ))
                }
            }
            return sums
        }
        let grid = CellGrid(columns: columns, rows: rows, cells: cells.flatMap { $0 })
        return grid.cells.contains { $0.count > 0 } ? grid : nil
    }
}

extension Prior {
    fileprivate init(allOf image: Image) {
        self.init(image: image, certainty: Plane(width: image.width, height: image.height, repeating: 1))
    }
}

/// An affine function of a frame's colors: the weights of blue, green, red and 1 in each color of the painting.
private struct ColorFunction {
    var blue = SIMD4<Float>.zero
    var green = SIMD4<Float>.zero
    var red = SIMD4<Float>.zero

    func mixed(with other: ColorFunction, _ amount: Float) -> ColorFunction {
        ColorFunction(
            blue: blue + amount * (other.blue - blue), green: green + amount * (other.green - green),
            red: red + amount * (other.red - red))
    }
}

/// The lowest and highest values of blue, green, red and 0.
private struct ColorRange {
    var low = SIMD4<Float>(repeating: .infinity)
    var high = SIMD4<Float>(repeating: -.infinity)

    mutating func formUnion(_ other: ColorRange) {
        // The standard library's pointwiseMin is a call for each.
        low.replace(with: other.low, where: other.low .< low)
        high.replace(with: other.high, where: other.high .> high)
    }
}

/// Sums over the certain pixels of a cell.
private struct CellSums {
    /// Outer products of the frame's colors and 1 with themselves.
    private var squares: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>) = (.zero, .zero, .zero, .zero)
    /// With the painting's colors.
    private var products = ColorFunction()

    /// The colors of the painting.
    private(set) var range = ColorRange()

    var count: Float { squares.3.w }

    /// - Parameter frame: blue, green, red and 1.
    mutating func add(frame: SIMD4<Float>, painting: (blue: Float, green: Float, red: Float)) {
        squares.0 += frame.x * frame
        squares.1 += frame.y * frame
        squares.2 += frame.z * frame
        squares.3 += frame
        let color = SIMD4(painting.blue, painting.green, painting.red, 0)
        range.formUnion(ColorRange(low: color, high: color))
        products.blue += painting.blue * frame
        products.green += painting.green * frame
        products.red += painting.red * frame
    }

    mutating func add(_ other: CellSums, times factor: Float) {
        squares.0 += factor * other.squares.0
        squares.1 += factor * other.squares.1
        squares.2 += factor * other.squares.2
        squares.3 += factor * other.squares.3
        range.formUnion(other.range)
        products.blue += factor * other.products.blue
        products.green += factor * other.products.green
        products.red += factor * other.products.red
    }

    /// The best function, by ridge regression.
    var function: ColorFunction {
        guard count > 0 else { return ColorFunction() }
        var matrix = [squares.0, squares.1, squares.2, squares.3]
        for i in 0..<3 { matrix[i][i] += count * PriorCompletion.regularization }
        var (blue, green, red) = (products.blue, products.green, products.red)
        // Gaussian elimination; the matrix is positive definite.
        for pivot in 0..<4 {
            for row in 0..<4 where row != pivot {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                matrix[row] -= factor * matrix[pivot]
                blue[row] -= factor * blue[pivot]
                green[row] -= factor * green[pivot]
                red[row] -= factor * red[pivot]
            }
        }
        let diagonal = SIMD4(matrix[0][0], matrix[1][1], matrix[2][2], matrix[3][3])
        return ColorFunction(blue: blue / diagonal, green: green / diagonal, red: red / diagonal)
    }
}

/// Cells in rows.
private struct CellGrid {
    let columns: Int
    let rows: Int
    var cells: [CellSums]

    /// The lowest and highest colors of the painting in a cell and the two rings of cells around it, or of any if they
    /// have no certain pixels.
    func range(_ column: Int, _ row: Int) -> ColorRange {
        var around = ColorRange()
        for y in max(row - 2, 0)...min(row + 2, rows - 1) {
            for x in max(column - 2, 0)...min(column + 2, columns - 1) {
                around.formUnion(cells[y * columns + x].range)
            }
        }
        return around.low.x <= around.high.x ? around : ColorRange(low: around.high, high: around.low)
    }

    /// The functions of all cells.
    func functions() -> FunctionGrid {
        FunctionGrid(columns: columns, rows: rows, functions: supported().cells.map(\.function))
    }

    /// Cells to which the larger cells around them are added, as ``PriorCompletion/support`` pixels.
    private func supported() -> CellGrid {
        guard columns > 1 || rows > 1 else { return self }
        var larger = CellGrid(
            columns: (columns + 1) / 2, rows: (rows + 1) / 2,
            cells: Array(repeating: CellSums(), count: (columns + 1) / 2 * ((rows + 1) / 2)))
        for index in cells.indices { larger.cells[parent(of: index, in: larger)].add(cells[index], times: 1) }
        larger = larger.supported()
        var result = self
        for index in cells.indices {
            let around = larger.cells[parent(of: index, in: larger)]
            if around.count > 0 { result.cells[index].add(around, times: PriorCompletion.support / around.count) }
        }
        return result
    }

    private func parent(of index: Int, in larger: CellGrid) -> Int {
        index / columns / 2 * larger.columns + index % columns / 2
    }
}

/// The functions of cells in rows.
private struct FunctionGrid {
    let columns: Int
    let rows: Int
    let functions: [ColorFunction]

    /// The function at a position in cells, interpolated linearly.
    func at(_ x: Float, _ y: Float) -> ColorFunction {
        let (left, top) = (min(max(x, 0), Float(columns - 1)), min(max(y, 0), Float(rows - 1)))
        let (column, row) = (Int(left), Int(top))
        let (right, below) = (min(column + 1, columns - 1), min(row + 1, rows - 1))
        func between(_ row: Int) -> ColorFunction {
            functions[row * columns + column].mixed(with: functions[row * columns + right], left - Float(column))
        }
        return between(row).mixed(with: between(below), top - Float(row))
    }
}
