import Imaging

/// Splits frames that show a sphere into six extended faces, stacked as a batch. Not thread-safe.
///
/// The resampling map is computed once; interpolation is Keys's cubic.
public final class CubeSplitter {
    /// Layout of the input frames.
    public let layout: SphereLayout
    /// Width of the input frames in pixels.
    public let width: Int
    /// Height of the input frames in pixels.
    public let height: Int
    /// Sizes of the faces.
    public let geometry: CubeGeometry
    private let resampler: SphereResampler

    /// - Throws: ``SphereError`` if a frame of this size cannot have the layout.
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

    /// Splits a frame into a batch of six faces.
    /// - Precondition: `frame` has the size of the initialiser, and one to four channels.
    public func split(_ frame: Image) -> Image {
        precondition(frame.width == width && frame.height == height, "a splitter is made for frames of one size")
        return resampler.resample(frame, width: geometry.columnWidth, height: geometry.columnHeight)
    }

    /// Splits `frame` into `column`, a batch of six faces. All bytes of a pixel are treated alike.
    /// - Precondition: both have the sizes of the initialiser and the same pixel layout.
    public func split(_ frame: PackedPixels, into column: PackedPixels) {
        precondition(
            frame.width == width && frame.height == height && column.width == geometry.columnWidth
                && column.height == geometry.columnHeight, "a splitter is made for frames of one size")
        resampler.resample(frame, into: column)
    }
}
