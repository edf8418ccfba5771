/// The sizes of six extended faces (paper 6.1): each shows its 90 degrees on `faceSize` pixels, and `overlap` pixels more on
/// each side in the same plane, which its neighbours show too.
///
/// One frame carries all six as a *column*: `extendedSize` wide, six times as high, the faces in the order of
/// ``CubeFace`` from top to bottom, so that each is a block of whole rows. Without overlap that is ``SphereLayout/oneBySix``.
public struct CubeGeometry: Sendable, Hashable {
    /// Pixels of a face's 90 degrees.
    public let faceSize: Int
    /// Pixels beyond them on each side.
    public let overlap: Int

    /// The longest face that is worked with: frames of six stay within what GStreamer takes.
    public static let greatestExtendedSize = 5461

    /// - Throws: ``SphereError`` for faces that are too small for the overlap, which is at most half of one, or too large.
    public init(faceSize: Int, overlap: Int) throws(SphereError) {
        guard faceSize >= 2, overlap >= 0 else {
            throw SphereError(
                "a face of \(faceSize) pixels with an overlap of \(overlap) is none: it needs 2 pixels or more")
        }
        // Compared so that nothing overflows.
        guard
            faceSize <= Self.greatestExtendedSize, overlap <= Self.greatestExtendedSize,
            faceSize + 2 * overlap <= Self.greatestExtendedSize
        else {
            throw SphereError(
                "faces of \(faceSize) pixels with an overlap of \(overlap) are too large: with the overlap on both sides they may have \(Self.greatestExtendedSize)"
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

    /// Pixels of a side with the overlap.
    public var extendedSize: Int { faceSize + 2 * overlap }
    /// Pixels of a column's width.
    public var columnWidth: Int { extendedSize }
    /// Pixels of a column's height.
    public var columnHeight: Int { extendedSize * CubeFace.allCases.count }
    /// u and v at the edges of an extended face: 1 without overlap.
    public var extent: Double { Double(extendedSize) / Double(faceSize) }

    /// The rows of a face in a column.
    public func rows(of face: CubeFace) -> Range<Int> {
        face.rawValue * extendedSize..<(face.rawValue + 1) * extendedSize
    }
}
