import Imaging

/// What a face's finished neighbours show of it: their borders in its plane (paper 6.1, A.8, equation 22).
public struct FaceBorders: Sendable {
    public let geometry: CubeGeometry
    private let threads: Int

    public init(geometry: CubeGeometry, threads: Int = 0) {
        self.geometry = geometry
        self.threads = threads
    }

    /// The borders of the neighbours among `finished` on one face; nil where there are none.
    ///
    /// - Parameters:
    ///   - column: six extended faces, of which those of `finished` are looked at.
    ///   - softness: the part of a border over which certainty rises from 0 at its inner edge; 0: certain all over, with a hard
    ///     edge, as in the paper.
    /// - Returns: a picture of an extended face, 0 where nothing is known, and its certainty, 0...1.
    /// - Precondition: `column` has the geometry's size.
    public func prior(
        of face: CubeFace, column: Image, finished: Set<CubeFace>, softness: Float = 0.5
    ) -> (image: Image, certainty: Plane<Float>)? {
        nil
    }
}
