import CKernels

/// A view of a frame's memory as packed pixels of one of the layouts in ``PixelLayout``.
///
/// It does not own the memory, which must stay mapped, and writable if pixels are stored, while the view is used.
public struct PackedPixels {
    /// First byte of the first row.
    public let base: UnsafeMutableRawPointer
    /// Bytes from one row to the next; may be negative.
    public let stride: Int
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// Byte order and size of a pixel.
    public let layout: PixelLayout

    /// - Parameters:
    ///   - base: first byte of the first row.
    ///   - stride: bytes from one row to the next; its magnitude is at least `width * layout.bytesPerPixel`.
    public init(base: UnsafeMutableRawPointer, stride: Int, width: Int, height: Int, layout: PixelLayout) {
        self.base = base
        self.stride = stride
        self.width = width
        self.height = height
        self.layout = layout
    }

    /// A view of the given rows.
    ///
    /// - Precondition: they lie within the view.
    package func block(rows: Range<Int>) -> PackedPixels {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= height, "a part lies within its image")
        return PackedPixels(
            base: base + rows.lowerBound * stride, stride: stride, width: width, height: rows.count, layout: layout)
    }

    /// Sets alpha, where the layout has it, to that of another view or, if that has none, to 255.
    ///
    /// - Precondition: both have the same size.
    package func storeAlpha(of other: PackedPixels?) {
        guard let target = layout.alpha else { return }
        let source = other?.layout.alpha
        for y in 0..<height {
            let row = (base + y * stride + target).assumingMemoryBound(to: UInt8.self)
            if let other, let source {
                let from = (other.base + y * other.stride + source).assumingMemoryBound(to: UInt8.self)
                for x in 0..<width { row[4 * x] = from[4 * x] }
            } else {
                for x in 0..<width { row[4 * x] = 255 }
            }
        }
    }

    /// Writes alpha, or 255 if the layout has none, as luma of 0...255, and grey as chroma.
    ///
    /// - Parameter frame: 8-bit luma and chroma of the same size.
    package func storeAlpha(asLumaOf frame: FramePixels) {
        guard case .planar(let luma, let blue, let red) = frame.storage else { return }
        for y in 0..<height {
            let source = (base + y * stride).assumingMemoryBound(to: UInt8.self)
            let target = (luma.base + y * luma.stride).assumingMemoryBound(to: UInt8.self)
            for x in 0..<width {
                target[x * luma.step] = layout.alpha.map { source[x * layout.bytesPerPixel + $0] } ?? 255
            }
        }
        for chroma in [blue, red] {
            for y in 0..<chroma.rows.count {
                let target = (chroma.base + y * chroma.stride).assumingMemoryBound(to: UInt8.self)
                for x in 0..<chroma.columns.count { target[x * chroma.step] = 128 }
            }
        }
    }

    /// Luma by BT.601, 0.299 R + 0.587 G + 0.114 B, rounded to 8 bits; the input of the flow estimator.
    public func luma(threads: Int = 0) -> Plane<UInt8> {
        var plane = Plane<UInt8>(width: width, height: height, repeating: 0)
        luma(into: &plane, threads: threads)
        return plane
    }

    /// Writes luma by BT.601 to `plane`, which is reallocated if its size differs.
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

    /// Converts to network space: blue, green, red minus ``NetworkSpace/mean``.
    public func networkImage(threads: Int = 0) -> Image {
        unpacked(minus: NetworkSpace.mean, order: .bgr, threads: threads)
    }

    /// Converts to picture space: red, green, blue, 0...255.
    public func pictureImage(threads: Int = 0) -> Image {
        unpacked(minus: (0, 0, 0), order: .rgb, threads: threads)
    }

    /// Writes an image in network space, clamped to 0...255 and rounded; NaN becomes 0.
    ///
    /// The alpha or padding byte is copied from `original`; without `original` it is unchanged.
    /// - Precondition: `image` has three channels; `image` and `original` have the size of the view.
    public func store(_ image: Image, alphaFrom original: PackedPixels? = nil, threads: Int = 0) {
        pack(image, plus: NetworkSpace.mean, order: .bgr, rest: original, threads: threads)
    }

    /// Writes an image in picture space; otherwise like ``store(_:alphaFrom:threads:)``.
    public func store(picture image: Image, alphaFrom original: PackedPixels? = nil, threads: Int = 0) {
        pack(image, plus: (0, 0, 0), order: .rgb, rest: original, threads: threads)
    }

    // MARK: -

    var kernelPixels: kernel_pixels {
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
