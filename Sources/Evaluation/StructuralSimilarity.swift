import Glibc
import Imaging

/// The structural similarity (SSIM) of an image to a reference, -1...1; 1 for equal images.
///
/// Wang, Bovik, Sheikh, Simoncelli: Image quality assessment: from error visibility to structural similarity, 2004. For
/// means m, variances s^2 and the covariance s_xy under an 11 x 11 Gaussian window of standard deviation 1.5,
///
///     (2 m_x m_y + C1) (2 s_xy + C2) / ((m_x^2 + m_y^2 + C1) (s_x^2 + s_y^2 + C2)),
///
/// with C1 = (0.01 * 255)^2 and C2 = (0.03 * 255)^2; the mean over all windows that lie within the image. It equals
/// scikit-image's `structural_similarity` with `gaussian_weights=True, use_sample_covariance=False, data_range=255`.
///
/// - Parameters:
///   - image: luma, 0...255.
///   - threads: the maximum number; 0: one per processor. The result does not depend on it.
/// - Returns: nil if a side is shorter than 11 pixels.
/// - Precondition: both have the same size.
public func structuralSimilarity(
    of image: Plane<UInt8>, to reference: Plane<UInt8>, threads: Int = 0
) -> Double? {
    precondition(
        image.width == reference.width && image.height == reference.height, "SSIM compares images of one size")
    let (columns, rows) = (image.width - GaussianWindow.reach, image.height - GaussianWindow.reach)
    guard columns > 0, rows > 0 else { return nil }
    let window = GaussianWindow()
    let (first, second) = (PaddedRows(image), PaddedRows(reference))
    let sums = RowSums(height: rows, threads: threads) { row in
        (window.similarities(first, second, row: row, columns: columns), 0)
    }
    return sums.first / Double(columns * rows)
}

/// Rows of an image as floats around 0, which keeps the squares small, followed by zeros: whole vectors can be read
/// from any column.
private struct PaddedRows {
    static let offset: Float = 128
    let stride: Int
    let values: [Float]

    init(_ plane: Plane<UInt8>) {
        let stride = (plane.width / 8 + 1) * 8
        self.stride = stride
        values = [Float](unsafeUninitializedCapacity: stride * plane.height) { buffer, count in
            for y in 0..<plane.height {
                for x in 0..<plane.width {
                    buffer[y * stride + x] = Float(plane.values[y * plane.width + x]) - Self.offset
                }
                for x in plane.width..<stride { buffer[y * stride + x] = 0 }
            }
            count = stride * plane.height
        }
    }
}

/// The separable window of SSIM. Eight pixels are computed at a time.
private struct GaussianWindow {
    /// The side of the window less one.
    static let reach = 10
    private typealias Vector = SIMD8<Float>

    private let weights: [Float]

    init() {
        let half = Self.reach / 2
        let values = (-half...half).map { exp(-0.5 * Double($0 * $0) / (1.5 * 1.5)) }
        let sum = values.reduce(0, +)
        weights = values.map { Float($0 / sum) }
    }

    /// The sum of the similarities of the windows that begin in a row.
    func similarities(_ first: PaddedRows, _ second: PaddedRows, row: Int, columns: Int) -> Double {
        let length = first.stride + 3 * 8
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: 5 * length) { moments in
            guard let base = moments.baseAddress else { return 0 }
            base.update(repeating: 0, count: 5 * length)
            first.values.withUnsafeBufferPointer { first in
                second.values.withUnsafeBufferPointer { second in
                    guard let first = first.baseAddress, let second = second.baseAddress else { return }
                    filterColumns(first, second, row: row, stride: length - 3 * 8, into: base, length: length)
                }
            }
            return sum(of: base, length: length, columns: columns)
        }
    }

    /// The five moments of each column: both means, both squares, the product.
    private func filterColumns(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, row: Int, stride: Int,
        into moments: UnsafeMutablePointer<Float>, length: Int
    ) {
        for x in Swift.stride(from: 0, to: stride, by: 8) {
            var (x1, x2, x11, x22, x12) = (Vector(), Vector(), Vector(), Vector(), Vector())
            for (k, weight) in weights.enumerated() {
                let (one, two) = (load(first + (row + k) * stride + x), load(second + (row + k) * stride + x))
                let (weighted, other) = (weight * one, weight * two)
                x1 += weighted
                x2 += other
                x11 += weighted * one
                x22 += other * two
                x12 += weighted * two
            }
            for (index, moment) in [x1, x2, x11, x22, x12].enumerated() {
                UnsafeMutableRawPointer(moments + index * length + x).storeBytes(of: moment, as: Vector.self)
            }
        }
    }

    private func sum(of moments: UnsafePointer<Float>, length: Int, columns: Int) -> Double {
        let (c1, c2) = (Float(0.01 * 255 * 0.01 * 255), Float(0.03 * 255 * 0.03 * 255))
        var sum = 0.0
        for x in stride(from: 0, to: columns, by: 8) {
            var (m1, m2, x11, x22, x12) = (Vector(), Vector(), Vector(), Vector(), Vector())
            for (k, weight) in weights.enumerated() {
                m1 += weight * load(moments + x + k)
                m2 += weight * load(moments + length + x + k)
                x11 += weight * load(moments + 2 * length + x + k)
                x22 += weight * load(moments + 3 * length + x + k)
                x12 += weight * load(moments + 4 * length + x + k)
            }
            let variances: Vector = (x11 - m1 * m1) + (x22 - m2 * m2)
            let covariance: Vector = x12 - m1 * m2
            m1 += PaddedRows.offset
            m2 += PaddedRows.offset
            let product: Vector = m1 * m2
            let squares: Vector = m1 * m1 + m2 * m2
            let above: Vector = (2 * product + c1) * (2 * covariance + c2)
            let below: Vector = (squares + c1) * (variances + c2)
            let similarity: Vector = above / below
            for lane in 0..<min(8, columns - x) { sum += Double(similarity[lane]) }
        }
        return sum
    }

    private func load(_ pointer: UnsafePointer<Float>) -> Vector {
        UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
    }
}
