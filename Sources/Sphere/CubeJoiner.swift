import Imaging

/// Joins six extended faces into one frame that shows the sphere. Overlapping faces are cross-faded. Not thread-safe.
///
/// The resampling map is computed once; interpolation is Keys's cubic.
public final class CubeJoiner {
    /// Sizes of the faces.
    public let geometry: CubeGeometry
    /// Layout of the joined frame.
    public let layout: SphereLayout
    /// Width of the joined frame in pixels.
    public let width: Int
    /// Height of the joined frame in pixels.
    public let height: Int
    private let resampler: SphereResampler

    /// - Throws: ``SphereError`` if a frame of this size cannot have the layout.
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

    /// Joins a batch of six faces; pixels that the layout does not use are 0.
    /// - Precondition: `column` has the geometry's size, and one to four channels.
    public func join(_ column: Image) -> Image {
        precondition(
            column.width == geometry.columnWidth && column.height == geometry.columnHeight,
            "a joiner is made for columns of one size")
        return resampler.resample(column, width: width, height: height)
    }

    /// Joins a batch of six faces into `frame`. All bytes of a pixel are treated alike; unused pixels are 0.
    /// - Precondition: both have the sizes of the initialiser and the same pixel layout.
    public func join(_ column: PackedPixels, into frame: PackedPixels) {
        precondition(
            frame.width == width && frame.height == height && column.width == geometry.columnWidth
                && column.height == geometry.columnHeight, "a joiner is made for columns of one size")
        if layout == .cross { frame.clear() }
        resampler.resample(column, into: frame)
    }
}

extension PackedPixels {
    /// Sets every byte to 0.
    fileprivate func clear() {
        for y in 0..<height {
            (base + y * stride).initializeMemory(as: UInt8.self, repeating: 0, count: width * layout.bytesPerPixel)
        }
    }
}
