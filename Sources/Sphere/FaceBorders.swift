import CKernels
import Imaging
import Style

/// The borders that finished neighbours show of a face, transformed to the face's plane (paper 6.1, A.8, equation 22).
///
/// Not thread-safe.
public final class FaceBorders {
    /// Side of an extended face, in pixels.
    let size: Int
    private let threads: Int
    /// For each face, the borders of its four neighbours.
    private let borders: [[FaceBorder]]
    /// Texels of one border; a buffer kept to avoid allocations.
    private var scratch: [SIMD4<Float>] = []
    /// The last layers of each face; consecutive frames need the same ones.
    private var layers: [CubeFace: (of: Set<CubeFace>, softness: Float, layers: [BorderLayer])] = [:]

    /// Precomputes the borders of all faces.
    public convenience init(geometry: CubeGeometry, threads: Int = 0) {
        self.init(size: geometry.extendedSize, extent: geometry.extent, threads: threads)
    }

    /// - Parameter extent: u and v at the edges of faces of `size` pixels; `size` is 2 or more.
    init(size: Int, extent: Double, threads: Int) {
        self.size = size
        self.threads = threads
        // Without overlap there are no borders.
        borders = CubeFace.allCases.map { face in
            extent <= 1
                ? []
                : CubeFace.Edge.allCases.map {
                    FaceBorder(of: face.neighbor(across: $0), on: face, size: size, extent: extent)
                }
        }
        let largest = borders.joined().map(\.texelCount).max() ?? 0
        scratch = Array(repeating: .zero, count: largest)
    }

    /// Blends the borders of the `finished` neighbours over a face.
    ///
    /// In the corners, where two borders overlap, they cross-fade.
    ///
    /// - Parameters:
    ///   - column: batch of six extended faces; only those in `finished` are read.
    ///   - softness: the share of a border's width over which its opacity rises from 0 at the inner edge; 0: a hard
    ///     edge, as in the paper.
    /// - Precondition: `column` has the geometry's size, and one to four channels.
    public func lay(over column: inout Image, face: CubeFace, finished: Set<CubeFace>, softness: Float = 0.5) {
        check(column)
        let (count, channels) = (column.pixelCount, column.channels)
        column.samples.withUnsafeMutableBufferPointer { samples in
            guard let samples = samples.baseAddress else { return }
            let column = FaceColumn(samples: samples, size: size, channels: channels, plane: count)
            blend(face, of: column, finished: finished, softness: softness, into: samples, certainty: nil)
        }
    }

    /// Blends the borders of the `finished` neighbours over a face's prior and raises its certainty.
    ///
    /// - Parameters:
    ///   - prior: of all six faces.
    ///   - softness: the share of a border's width over which certainty rises from 0 at the inner edge; 0: certain
    ///     everywhere.
    /// - Returns: whether there were any borders; if not, the prior is unchanged.
    /// - Precondition: `column` and `prior` have the geometry's size, and as many channels, one to four.
    @discardableResult
    public func lay(
        over prior: inout Prior, face: CubeFace, of column: Image, finished: Set<CubeFace>, softness: Float = 0.5
    ) -> Bool {
        check(column)
        check(prior.image)
        precondition(prior.image.channels == column.channels, "a prior has its picture's channels")
        return column.samples.withUnsafeBufferPointer { samples in
            prior.image.samples.withUnsafeMutableBufferPointer { target in
                prior.certainty.values.withUnsafeMutableBufferPointer { certainty in
                    guard let samples = samples.baseAddress, let target = target.baseAddress else { return false }
                    let column = FaceColumn(
                        samples: samples, size: size, channels: column.channels, plane: column.pixelCount)
                    return blend(
                        face, of: column, finished: finished, softness: softness, into: target,
                        certainty: certainty.baseAddress)
                }
            }
        }
    }

    private func check(_ column: Image) {
        precondition(column.width == size && column.height == 6 * size, "borders are made for columns of one size")
    }

    /// - Parameters:
    ///   - target: all six faces.
    ///   - certainty: of all six faces.
    /// - Returns: whether there were any borders.
    @discardableResult
    private func blend(
        _ face: CubeFace, of column: FaceColumn, finished: Set<CubeFace>, softness: Float,
        into target: UnsafeMutablePointer<Float>, certainty: UnsafeMutablePointer<Float>?
    ) -> Bool {
        let layers = layers(over: face, finished: finished, softness: softness)
        let first = face.rawValue * size * size
        scratch.withUnsafeMutableBufferPointer { scratch in
            guard let scratch = scratch.baseAddress else { return }
            for layer in layers {
                layer.lay(
                    of: column, over: target + first, certainty: certainty.map { $0 + first }, scratch: scratch,
                    threads: threads)
            }
        }
        return !layers.isEmpty
    }

    private func layers(over face: CubeFace, finished: Set<CubeFace>, softness: Float) -> [BorderLayer] {
        if let known = layers[face], known.of == finished, known.softness == softness { return known.layers }
        let present = borders[face.rawValue].filter { finished.contains($0.neighbor) }
        let made = BorderLayer.layers(of: present, size: size, softness: softness)
        layers[face] = (finished, softness, made)
        return made
    }
}

/// A batch of six stacked faces, plane by plane.
struct FaceColumn {
    let samples: UnsafePointer<Float>
    /// Side of a face in pixels.
    let size: Int
    let channels: Int
    /// Distance between planes, in values.
    let plane: Int
}
