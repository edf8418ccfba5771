/// Sizes of the six extended faces (paper 6.1). Each shows its 90 degrees on `faceSize` pixels, plus `overlap` pixels
/// on each side in the same plane, which its neighbours show too.
///
/// One frame holds all six as a batch of stacked images, called column: `extendedSize` wide, six times as high, with
/// the faces in the order of ``CubeFace`` from top to bottom. Each face is a block of whole rows. Without overlap this
/// is ``SphereLayout/oneBySix``.
public struct CubeGeometry: Sendable, Hashable {
    /// Pixels per 90 degrees.
    public let faceSize: Int
    /// Extra pixels on each side.
    public let overlap: Int

    /// Maximum side of an extended face: six of them must fit into GStreamer's frame size limit.
    public static let greatestExtendedSize = 5461

    /// - Throws: ``SphereError`` if the faces are too large, or too small for the overlap, which is at most half of
    ///   `faceSize`.
    public init(faceSize: Int, overlap: Int) throws(SphereError) {
        guard faceSize >= 2, overlap >= 0 else {
            throw SphereError(
                "a face of \(faceSize) pixels with an overlap of \(overlap) is too small: it needs 2 pixels or more")
        }
        // Written so that nothing overflows.
        guard
            faceSize <= Self.greatestExtendedSize, overlap <= Self.greatestExtendedSize,
            faceSize + 2 * overlap <= Self.greatestExtendedSize
        else {
            throw SphereError(
                "faces of \(faceSize) pixels with an overlap of \(overlap) are too large: with the overlap on both sides they may have at most \(Self.greatestExtendedSize)"
            )
        }
        guard overlap <= faceSize / 2 else {
            throw SphereError(
                "faces of \(faceSize) pixels are too small for an overlap of \(overlap): it may be \(faceSize / 2) at most, or the faces \(2 * overlap) or more"
            )
        }
        self.faceSize = faceSize
        self.overlap = overlap
    }

    /// Side of a face with overlap, in pixels.
    public var extendedSize: Int { faceSize + 2 * overlap }
    /// Width of the batch of six faces, in pixels.
    public var columnWidth: Int { extendedSize }
    /// Height of the batch of six faces, in pixels.
    public var columnHeight: Int { extendedSize * CubeFace.allCases.count }
    /// u and v at the edges of an extended face; 1 without overlap.
    public var extent: Double { Double(extendedSize) / Double(faceSize) }

    /// Rows of a face in the batch.
    public func rows(of face: CubeFace) -> Range<Int> {
        face.rawValue * extendedSize..<(face.rawValue + 1) * extendedSize
    }
}
