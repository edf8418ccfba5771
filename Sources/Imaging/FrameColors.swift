import CKernels

/// How the components of a frame stand for colors: an affine map from blue, green and red in 0...255.
public struct FrameColors: Sendable, Equatable {
    /// components = matrix * (blue, green, red) + offset, in 8-bit levels.
    let matrix: [[Double]]
    let offset: [Double]
    /// Lowest and highest nominal value of each component.
    let range: [ClosedRange<Float>]

    /// Blue, green and red, as they are.
    public static let rgb = FrameColors(
        matrix: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], offset: [0, 0, 0], range: Array(repeating: 0...255, count: 3))

    /// Luma, blue and red difference (ITU-R BT.601, BT.709, BT.2020).
    ///
    /// - Parameters:
    ///   - red, blue: weights of red and blue in luma, above 0, less than 1 together.
    ///   - isFull: whether luma is 0...255 and chroma 0.5...255.5, or 16...235 and 16...240.
    ///   - bits: of a value. The maximum of full range has all bits set.
    public static func yuv(red: Double, blue: Double, isFull: Bool, bits: Int = 8) -> FrameColors {
        let green = 1 - red - blue
        // 8-bit levels of the highest value of full range: 255, or 255.75 with 10 bits.
        let most = Double((1 << bits) - 1) / Double(1 << (bits - 8))
        let luma = (isFull ? most : 219) / 255
        let chroma = (isFull ? most : 224) / 255
        let (byBlue, byRed) = (chroma / (2 * (1 - blue)), chroma / (2 * (1 - red)))
        return FrameColors(
            matrix: [
                [luma * blue, luma * green, luma * red],
                [byBlue * (1 - blue), -byBlue * green, -byBlue * red],
                [-byRed * blue, -byRed * green, byRed * (1 - red)],
            ], offset: [isFull ? 0 : 16, 128, 128],
            range: isFull ? Array(repeating: 0...Float(most), count: 3) : [16...235, 16...240, 16...240])
    }

    /// From components to blue, green and red.
    private var inverse: (matrix: [[Double]], offset: [Double]) {
        let m = matrix
        func minor(_ i: Int, _ j: Int) -> Double {
            let (a, b) = ((i + 1) % 3, (i + 2) % 3)
            let (c, d) = ((j + 1) % 3, (j + 2) % 3)
            return m[a][c] * m[b][d] - m[a][d] * m[b][c]
        }
        let determinant = (0..<3).reduce(0) { $0 + m[0][$1] * minor(0, $1) }
        let inverse = (0..<3).map { i in (0..<3).map { j in minor(j, i) / determinant } }
        return (inverse, inverse.map { row in -zip(row, offset).reduce(0) { $0 + $1.0 * $1.1 } })
    }

    private static let mean = [
        Double(NetworkSpace.mean.blue), Double(NetworkSpace.mean.green), Double(NetworkSpace.mean.red),
    ]

    /// From network space to components.
    var fromNetworkSpace: kernel_affine_color {
        let offset = zip(matrix, offset).map { row, offset in
            zip(row, Self.mean).reduce(offset) { $0 + $1.0 * $1.1 }
        }
        return kernel_affine_color(matrix, offset)
    }

    /// From components to network space.
    var toNetworkSpace: kernel_affine_color {
        let (matrix, offset) = inverse
        return kernel_affine_color(matrix, zip(offset, Self.mean).map { $0 - $1 })
    }
}

extension kernel_affine_color {
    /// - Precondition: three rows of three values, and three offsets.
    fileprivate init(_ matrix: [[Double]], _ offset: [Double]) {
        let m = matrix.map { $0.map(Float.init) }
        let t = offset.map(Float.init)
        self.init(
            matrix: (
                (m[0][0], m[0][1], m[0][2]), (m[1][0], m[1][1], m[1][2]), (m[2][0], m[2][1], m[2][2])
            ), offset: (t[0], t[1], t[2]))
    }
}

extension Image {
    /// The image with the colors of each pixel mapped.
    /// - Precondition: three channels.
    func mapped(by map: kernel_affine_color, threads: Int) -> Image {
        let count = pixelCount
        return withSameShape { target in
            samples.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                parallelRows(height, threads: threads) {
                    let first = $0.lowerBound * width
                    kernel_map_planes(source + first, count, map, target + first, count, $0.count * width)
                }
            }
        }
    }
}
