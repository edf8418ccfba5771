import CKernels

/// A view of a frame's memory as packed pixels of one of the layouts in ``PixelLayout``.
///
/// It owns nothing: the memory must stay mapped, and writable where pixels are stored, as long as the view is used.
public struct PackedPixels {
    public let base: UnsafeMutableRawPointer
    /// Bytes from one row to the next.
    public let stride: Int
    public let width: Int
    public let height: Int
    public let layout: PixelLayout

    /// - Parameters:
    ///   - base: first byte of the first row.
    ///   - stride: bytes from one row to the next; at least `width * layout.bytesPerPixel` in magnitude.
    public init(base: UnsafeMutableRawPointer, stride: Int, width: Int, height: Int, layout: PixelLayout) {
        self.base = base
        self.stride = stride
        self.width = width
        self.height = height
        self.layout = layout
    }

    /// A view of some of its rows.
    ///
    /// - Precondition: they lie within.
    package func block(rows: Range<Int>) -> PackedPixels {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= height, "a part lies within its picture")
        return PackedPixels(
            base: base + rows.lowerBound * stride, stride: stride, width: width, height: rows.count, layout: layout)
    }

    /// Brightness by BT.601, 0.299 R + 0.587 G + 0.114 B, rounded to 8 bits; what flow is computed on.
    public func luma(threads: Int = 0) -> Plane<UInt8> {
        var plane = Plane<UInt8>(width: width, height: height, repeating: 0)
        luma(into: &plane, threads: threads)
        return plane
    }

    /// Brightness by BT.601 into `plane`, which is made anew if its size is another.
    public func luma(into plane: inout Plane<UInt8>, threads: Int = 0) {
        if plane.width != width || plane.height != height {
            plane = Plane(width: width, height: height, repeating: 0)
        }
        let pixels = kernelPixels
        plane.values.withUnsafeMutableBufferPointer { values in
            guard let start = values.baseAddress else { return }
            parallelRows(height, threads: threads) {
                kernel_luma(pixels, start, Int32($0.lowerBound), Int32($0.upperBound))
            }
        }
    }

    /// The picture in network space: blue, green, red minus ``NetworkSpace/mean``.
    public func networkImage(threads: Int = 0) -> Image {
        unpacked(minus: NetworkSpace.mean, order: .bgr, threads: threads)
    }

    /// The picture in picture space: red, green, blue, 0...255.
    public func pictureImage(threads: Int = 0) -> Image {
        unpacked(minus: (0, 0, 0), order: .rgb, threads: threads)
    }

    /// Writes an image of network space, clamped to 0...255 and rounded; samples that are not numbers become 0.
    ///
    /// The byte that is no colour, alpha or padding, comes from `original`, or stays as it is.
    /// - Precondition: `image` has three channels, and it and `original` have the size of the view.
    public func store(_ image: Image, alphaFrom original: PackedPixels? = nil, threads: Int = 0) {
        pack(image, plus: NetworkSpace.mean, order: .bgr, rest: original, threads: threads)
    }

    /// Writes an image of picture space; as ``store(_:alphaFrom:threads:)`` otherwise.
    public func store(picture image: Image, alphaFrom original: PackedPixels? = nil, threads: Int = 0) {
        pack(image, plus: (0, 0, 0), order: .rgb, rest: original, threads: threads)
    }

    // MARK: -

    private var kernelPixels: kernel_pixels {
        kernel_pixels(
            base: base.assumingMemoryBound(to: UInt8.self), stride: stride, width: Int32(width), height: Int32(height),
            layout: kernel_pixel_layout(
                red: Int32(layout.red), green: Int32(layout.green), blue: Int32(layout.blue),
                step: Int32(layout.bytesPerPixel)))
    }

    private func planes(_ first: UnsafeMutablePointer<Float>, order: ChannelOrder) -> kernel_planes {
        let count = width * height
        return kernel_planes(
            red: first + order.red * count, green: first + order.green * count, blue: first + order.blue * count)
    }

    private func unpacked(
        minus mean: (red: Float, green: Float, blue: Float), order: ChannelOrder, threads: Int
    ) -> Image {
        let pixels = kernelPixels
        let offset = kernel_color(red: -mean.red, green: -mean.green, blue: -mean.blue)
        return Image(width: width, height: height) { samples in
            guard let first = samples.baseAddress else { return }
            let planes = planes(first, order: order)
            parallelRows(height, threads: threads) {
                kernel_unpack(pixels, offset, planes, Int32($0.lowerBound), Int32($0.upperBound))
            }
        }
    }

    private func pack(
        _ image: Image, plus mean: (red: Float, green: Float, blue: Float), order: ChannelOrder, rest: PackedPixels?,
        threads: Int
    ) {
        precondition(
            image.width == width && image.height == height && image.channels == 3, "store needs the view's size")
        if let rest { precondition(rest.width == width && rest.height == height, "alpha needs the view's size") }
        let pixels = kernelPixels
        let original = rest?.kernelPixels ?? pixels
        let offset = kernel_color(red: mean.red, green: mean.green, blue: mean.blue)
        image.samples.withUnsafeBufferPointer { samples in
            guard let first = samples.baseAddress else { return }
            // The kernel only reads the planes.
            let planes = planes(UnsafeMutablePointer(mutating: first), order: order)
            parallelRows(height, threads: threads) {
                kernel_pack(planes, offset, pixels, original, Int32($0.lowerBound), Int32($0.upperBound))
            }
        }
    }
}
