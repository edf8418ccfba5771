import CKernels

/// A view of a frame's memory: packed RGB, or luma and chroma.
///
/// It does not own the memory, which must stay mapped, and writable if pixels are stored, while the view is used.
public struct FramePixels {
    /// How pixels lie in memory.
    package enum Storage {
        case packed(PackedPixels)
        /// Luma, blue and red difference; luma has every pixel.
        case planar(luma: FrameComponent, blue: FrameComponent, red: FrameComponent)
    }

    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// What the components mean.
    public let colors: FrameColors
    package let storage: Storage

    /// A view of packed pixels.
    public init(_ pixels: PackedPixels) {
        width = pixels.width
        height = pixels.height
        colors = .rgb
        storage = .packed(pixels)
    }

    /// A view of luma and chroma.
    ///
    /// - Parameters:
    ///   - luma: a sample for every pixel.
    ///   - blue, red: blue and red difference; the same grid for both.
    /// - Precondition: the grids cover frames of one size, without a spacing for luma.
    public init(luma: FrameComponent, blue: FrameComponent, red: FrameComponent, colors: FrameColors) {
        precondition(
            luma.columns.spacing == 1 && luma.rows.spacing == 1 && blue.columns == red.columns && blue.rows == red.rows
                && blue.columns.length == luma.columns.count && blue.rows.length == luma.rows.count,
            "luma has every pixel, and chroma covers the same frame")
        width = luma.columns.count
        height = luma.rows.count
        self.colors = colors
        storage = .planar(luma: luma, blue: blue, red: red)
    }

    /// The view of packed pixels; nil for luma and chroma.
    public var packed: PackedPixels? {
        if case .packed(let pixels) = storage { pixels } else { nil }
    }

    /// The view of luma and chroma with another meaning; packed pixels stay RGB.
    ///
    /// - Parameter colors: given the bits of a value.
    package func withColors(_ colors: (_ bits: Int) -> FrameColors) -> FramePixels {
        guard case .planar(let luma, let blue, let red) = storage else { return self }
        return FramePixels(luma: luma, blue: blue, red: red, colors: colors(luma.bits))
    }

    /// A view of the given rows; of a subsampled component, those that begin in them.
    package func block(rows: Range<Int>) -> FramePixels {
        switch storage {
        case .packed(let pixels): FramePixels(pixels.block(rows: rows))
        case .planar(let luma, let blue, let red):
            FramePixels(
                luma: luma.block(rows: rows), blue: blue.block(rows: rows), red: red.block(rows: rows), colors: colors)
        }
    }

    /// The images of a batch that are stacked in the frame.
    package func images(ofBatch batchSize: Int) -> [FramePixels] {
        batchSize == 1 ? [self] : rows(ofBatch: batchSize, height: height).map { block(rows: $0) }
    }

    /// In the order of ``FrameColors``.
    private var components: [FrameComponent] {
        switch storage {
        case .packed(let pixels): pixels.components
        case .planar(let luma, let blue, let red): [luma, blue, red]
        }
    }

    /// The frame, resized, in network space: blue, green, red minus ``NetworkSpace/mean``.
    public func networkImage(width: Int, height: Int, threads: Int = 0) -> Image {
        if case .packed(let pixels) = storage, width == self.width, height == self.height {
            return pixels.networkImage(threads: threads)
        }
        let image = Image(width: width, height: height) { samples in
            guard let first = samples.baseAddress else { return }
            for (index, component) in components.enumerated() {
                component.resize(
                    width: width, height: height, by: .cubic, into: first + index * width * height,
                    threads: threads)
            }
        }
        return image.mapped(by: colors.toNetworkSpace, threads: threads)
    }

    /// The frame in network space.
    public func networkImage(threads: Int = 0) -> Image {
        networkImage(width: width, height: height, threads: threads)
    }

    /// The frame in picture space: red, green, blue, 0...255. Values of luma and chroma may be outside.
    public func pictureImage(threads: Int = 0) -> Image {
        if case .packed(let pixels) = storage { return pixels.pictureImage(threads: threads) }
        return networkImage(threads: threads).pictureSpace()
    }

    /// Luma as it lies in memory, or by BT.601 for packed pixels, resized and rounded to 8 bits; the input of the flow
    /// estimator.
    public func luma(width: Int, height: Int, threads: Int = 0) -> Plane<UInt8> {
        switch storage {
        case .packed(let pixels):
            pixels.luma(threads: threads).resized(width: width, height: height, threads: threads)
        case .planar(let luma, _, _): luma.bytes(width: width, height: height, threads: threads)
        }
    }

    /// Luma in the frame's size.
    public func luma(threads: Int = 0) -> Plane<UInt8> { luma(width: width, height: height, threads: threads) }

    /// Writes an image in network space, clamped and rounded; NaN becomes 0. Alpha or padding is unchanged.
    ///
    /// - Parameter opacity: over the old pixels, 0...1.
    /// - Precondition: `image` has three channels and the size of the view.
    public func store(_ image: Image, opacity: Float = 1, threads: Int = 0) {
        precondition(image.width == width && image.height == height, "store needs the view's size")
        var painter = FramePainter()
        painter.paint(image, over: self, covering: .init(strength: opacity), threads: threads)
    }
}

extension PackedPixels {
    /// Blue, green and red.
    fileprivate var components: [FrameComponent] {
        [layout.blue, layout.green, layout.red].map {
            FrameComponent(
                base: base + $0, stride: stride, step: layout.bytesPerPixel, columns: SampleGrid(covering: width),
                rows: SampleGrid(covering: height))
        }
    }
}

extension FrameComponent {
    /// The component, resized, in 8-bit levels.
    fileprivate func bytes(width: Int, height: Int, threads: Int) -> Plane<UInt8> {
        Plane(width: width, height: height) { target in
            guard let first = target.baseAddress else { return }
            if bits == 8, step == 1, columns.isEvery, rows.isEvery, columns.count == width, rows.count == height {
                for y in 0..<height {
                    (first + y * width).update(
                        from: (base + y * stride).assumingMemoryBound(to: UInt8.self), count: width)
                }
                return
            }
            // The kernel mixes with the old value, whose rounding would otherwise depend on what the memory held.
            target.initialize(repeating: 0)
            let result = FrameComponent(
                base: UnsafeMutableRawPointer(first), stride: width, step: 1, columns: SampleGrid(covering: width),
                rows: SampleGrid(covering: height)
            ).kernelComponent
            resizedRows(width: width, height: height, by: .linear, threads: threads) { y, line in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: width) {
                    kernel_paint_component(result, Int32(y), line, nil, nil, 0, 255, 1, nil, $0.baseAddress)
                }
            }
        }
    }
}

extension Plane where Value == UInt8 {
    /// Resizes the plane: interpolates when enlarging, averages over each pixel's area when shrinking.
    package func resized(width: Int, height: Int, threads: Int = 0) -> Plane<UInt8> {
        if width == self.width && height == self.height || values.isEmpty { return self }
        return values.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return self }
            // Only read.
            return FrameComponent(
                base: UnsafeMutableRawPointer(mutating: base), stride: self.width, step: 1,
                columns: SampleGrid(covering: self.width), rows: SampleGrid(covering: self.height)
            ).bytes(width: width, height: height, threads: threads)
        }
    }
}
