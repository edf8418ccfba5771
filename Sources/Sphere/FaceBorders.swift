import CKernels
import Imaging

/// What a face's finished neighbours show of it: their borders in its plane (paper 6.1, A.8, equation 22).
public struct FaceBorders: Sendable {
    /// Pixels of a face's side, with its overlap.
    let size: Int
    private let threads: Int
    /// For each face those of its four neighbours.
    private let borders: [[FaceBorder]]

    public init(geometry: CubeGeometry, threads: Int = 0) {
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

    /// The borders of the neighbours among `finished` on one face; nil where there are none.
    ///
    /// Where two neighbours meet, in the corners, one passes into the other.
    ///
    /// - Parameters:
    ///   - column: six extended faces, of which those of `finished` are looked at.
    ///   - softness: the part of a border over which certainty rises from 0 at its inner edge; 0: certain all over, with a hard
    ///     edge, as in the paper.
    /// - Returns: a picture of an extended face, 0 where nothing is known, and its certainty, 0...1.
    /// - Precondition: `column` has the geometry's size, and one to four channels.
    public func prior(
        of face: CubeFace, column: Image, finished: Set<CubeFace>, softness: Float = 0.5
    ) -> (image: Image, certainty: Plane<Float>)? {
        precondition(column.width == size && column.height == 6 * size, "borders are made for columns of one size")
        let known = borders[face.rawValue].filter { finished.contains($0.neighbor) }
        if known.isEmpty { return nil }
        var picture = Image(width: size, height: size, channels: column.channels)
        var certainty = Plane<Float>(width: size, height: size, repeating: 0)
        var weights = certainty.values
        picture.samples.withUnsafeMutableBufferPointer { sum in
            certainty.values.withUnsafeMutableBufferPointer { certainty in
                weights.withUnsafeMutableBufferPointer { weights in
                    guard let sum = sum.baseAddress, let certainty = certainty.baseAddress,
                        let weights = weights.baseAddress
                    else { return }
                    let pixels = KnownPixels(sum: sum, weights: weights, certainty: certainty)
                    for border in known { border.add(to: pixels, from: column, softness: softness, threads: threads) }
                    let count = size * size
                    parallelRows(size, threads: threads) { rows in
                        for i in rows.lowerBound * size..<rows.upperBound * size where weights[i] > 0 {
                            for channel in 0..<column.channels { sum[channel * count + i] /= weights[i] }
                        }
                    }
                }
            }
        }
        return (picture, certainty)
    }
}
