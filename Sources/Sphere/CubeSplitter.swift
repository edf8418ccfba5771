import Imaging

/// Cuts frames that show a sphere into six extended faces, a column. For one thread at a time.
///
/// Where each pixel comes from is worked out once; samples between pixels are made by Keys's cubic.
public final class CubeSplitter {
    public let layout: SphereLayout
    public let width: Int
    public let height: Int
    public let geometry: CubeGeometry
    private let resampler: SphereResampler

    /// - Throws: ``SphereError`` where frames of this size cannot have the layout.
    public init(
        from layout: SphereLayout, width: Int, height: Int, to geometry: CubeGeometry, threads: Int = 0
    ) throws(SphereError) {
        _ = try layout.faceSize(width: width, height: height)
        self.layout = layout
        self.width = width
        self.height = height
        self.geometry = geometry
        resampler = SphereResampler(
            from: SpherePanels(layout, width: width, height: height), to: SpherePanels(columnOf: geometry),
            threads: threads)
    }

    /// The column of a frame.
    /// - Precondition: `frame` has the size that was said, and one to four channels.
    public func split(_ frame: Image) -> Image {
        precondition(frame.width == width && frame.height == height, "a splitter is made for frames of one size")
        return resampler.resample(frame, width: geometry.columnWidth, height: geometry.columnHeight)
    }

    /// Writes the column of a frame, all bytes of the pixels alike.
    /// - Precondition: `frame` and `column` have the sizes of frame and column, and one layout.
    public func split(_ frame: PackedPixels, into column: PackedPixels) {
        precondition(
            frame.width == width && frame.height == height && column.width == geometry.columnWidth
                && column.height == geometry.columnHeight, "a splitter is made for frames of one size")
        resampler.resample(frame, into: column)
    }
}
