import CKernels
import Imaging
import Style

/// What a face's finished neighbours show of it: their borders in its plane (paper 6.1, A.8, equation 22).
///
/// For one thread at a time.
public final class FaceBorders {
    /// Pixels of a face's side, with its overlap.
    let size: Int
    private let threads: Int
    /// For each face those of its four neighbours.
    private let borders: [[FaceBorder]]
    /// Planes of sums, weights and certainty of one face: 0 between two calls.
    private var known: [Float] = []

    public convenience init(geometry: CubeGeometry, threads: Int = 0) {
        self.init(size: geometry.extendedSize, extent: geometry.extent, threads: threads)
    }

    /// - Parameter extent: u and v at the edges of faces of `size` pixels, which is 2 or more.
    init(size: Int, extent: Double, threads: Int) {
        self.size = size
        self.threads = threads
        // Without overlap no face shows anything of another.
        borders = CubeFace.allCases.map { face in
            extent <= 1
                ? []
                : CubeFace.Edge.allCases.map {
                    FaceBorder(of: face.neighbor(across: $0), on: face, size: size, extent: extent)
                }
        }
    }

    /// Lays the borders of the neighbours among `finished` over a face's prior, as far as they are certain.
    ///
    /// Where two neighbours meet, in the corners, one passes into the other.
    ///
    /// - Parameters:
    ///   - prior: of an extended face's size.
    ///   - column: six extended faces, of which those of `finished` are looked at.
    ///   - softness: the part of a border over which certainty rises from 0 at its inner edge; 0: certain all over, with a hard
    ///     edge, as in the paper.
    /// - Returns: whether there are any; else the prior stays what it was.
    /// - Precondition: `column` and `prior` have the geometry's sizes, and as many channels, one to four.
    @discardableResult
    public func cover(
        _ prior: inout Prior, of face: CubeFace, by column: Image, finished: Set<CubeFace>, softness: Float = 0.5
    ) -> Bool {
        precondition(
            column.width == size && column.height == 6 * size && prior.image.width == size
                && prior.image.height == size && prior.image.channels == column.channels,
            "borders are made for columns and faces of one size")
        let present = borders[face.rawValue].filter { finished.contains($0.neighbor) }
        if present.isEmpty { return false }
        let (size, threads, channels, count) = (size, threads, column.channels, size * size)
        if known.count != (channels + 2) * count { known = Array(repeating: 0, count: (channels + 2) * count) }
        known.withUnsafeMutableBufferPointer { known in
            guard let sum = known.baseAddress else { return }
            let pixels = KnownPixels(sum: sum, weights: sum + channels * count, certainty: sum + (channels + 1) * count)
            for border in present { border.add(to: pixels, from: column, softness: softness, threads: threads) }
            prior.image.samples.withUnsafeMutableBufferPointer { samples in
                prior.certainty.values.withUnsafeMutableBufferPointer { certainty in
                    let (samples, certainty) = (samples, certainty)
                    parallelRows(size, threads: threads) { rows in
                        for i in rows.lowerBound * size..<rows.upperBound * size where pixels.weights[i] > 0 {
                            let certain = pixels.certainty[i]
                            for plane in stride(from: i, to: channels * count, by: count) {
                                samples[plane] += (sum[plane] / pixels.weights[i] - samples[plane]) * certain
                                sum[plane] = 0
                            }
                            certainty[i] = certain + (1 - certain) * certainty[i]
                            pixels.weights[i] = 0
                            pixels.certainty[i] = 0
                        }
                    }
                }
            }
        }
        return true
    }
}
