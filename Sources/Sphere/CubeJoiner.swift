import Imaging

/// Joins six extended faces to one frame that shows the sphere; where faces overlap, one passes smoothly into the next. For
/// one thread at a time.
///
/// Where each pixel comes from is worked out once; samples between pixels are made by Keys's cubic.
public final class CubeJoiner {
    public let geometry: CubeGeometry
    public let layout: SphereLayout
    public let width: Int
    public let height: Int
    private let resampler: SphereResampler

    /// - Throws: ``SphereError`` where frames of this size cannot have the layout.
    public init(
        from geometry: CubeGeometry, to layout: SphereLayout, width: Int, height: Int, threads: Int = 0
    ) throws(SphereError) {
        _ = try layout.faceSize(width: width, height: height)
        self.geometry = geometry
        self.layout = layout
        self.width = width
        self.height = height
        resampler = SphereResampler(
            from: SpherePanels(columnOf: geometry), to: SpherePanels(layout, width: width, height: height),
            threads: threads)
    }

    /// The frame of a column; 0 where the layout shows nothing.
    /// - Precondition: `column` has the geometry's size, and one to four channels.
    public func join(_ column: Image) -> Image {
        precondition(
            column.width == geometry.columnWidth && column.height == geometry.columnHeight,
            "a joiner is made for columns of one size")
        return resampler.resample(column, width: width, height: height)
    }

    /// Writes the frame of a column, all bytes of the pixels alike; 0 where the layout shows nothing.
    /// - Precondition: `column` and `frame` have the sizes of column and frame, and one layout.
    public func join(_ column: PackedPixels, into frame: PackedPixels) {
        precondition(
            frame.width == width && frame.height == height && column.width == geometry.columnWidth
                && column.height == geometry.columnHeight, "a joiner is made for columns of one size")
        if layout == .cross { frame.clear() }
        resampler.resample(column, into: frame)
    }
}
