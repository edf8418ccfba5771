import Flow
import Imaging
import Style

/// A frame that owns its memory, with a colourful pattern.
final class TestFrame {
    let pixels: PackedPixels

    /// - Parameter shift: translation of the pattern to the left, in pixels.
    init(width: Int, height: Int, layout: PixelLayout = .rgbx, shift: Int = 0) {
        let stride = width * layout.bytesPerPixel + 5
        let count = stride * height
        let base = UnsafeMutableRawPointer.allocate(byteCount: max(1, count), alignment: 1)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: max(1, count))
        for y in 0..<height {
            for x in 0..<width {
                let pixel = base + y * stride + x * layout.bytesPerPixel
                let column = x + shift
                let colors = [
                    (layout.red, 60 + (column * 7 + y * 3) % 140), (layout.green, 50 + (column * y + 11) % 150),
                    (layout.blue, 70 + (column / 4 * 31 + y / 3 * 17) % 120),
                ]
                for (offset, value) in colors {
                    pixel.storeBytes(of: UInt8(value), toByteOffset: offset, as: UInt8.self)
                }
                if let alpha = layout.alpha {
                    pixel.storeBytes(of: UInt8((x * 5 + y) % 256), toByteOffset: alpha, as: UInt8.self)
                }
            }
        }
        pixels = PackedPixels(base: base, stride: stride, width: width, height: height, layout: layout)
    }

    /// - Parameter image: in picture space.
    init(_ image: Image) {
        let layout = PixelLayout.rgbx
        let stride = image.width * layout.bytesPerPixel
        let base = UnsafeMutableRawPointer.allocate(byteCount: stride * image.height, alignment: 1)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: stride * image.height)
        pixels = PackedPixels(
            base: base, stride: stride, width: image.width, height: image.height, layout: layout)
        pixels.store(picture: image)
    }

    /// Bytes of all pixels, without row padding.
    var bytes: [UInt8] {
        let row = pixels.width * pixels.layout.bytesPerPixel
        return withExtendedLifetime(self) {
            (0..<pixels.height).flatMap { y in
                Array(UnsafeRawBufferPointer(start: pixels.base + y * pixels.stride, count: row))
            }
        }
    }

    var image: Image { withExtendedLifetime(self) { pixels.pictureImage() } }
    var networkImage: Image { withExtendedLifetime(self) { pixels.networkImage() } }
    var luma: Plane<UInt8> { withExtendedLifetime(self) { pixels.luma() } }

    /// Stylizes the frame in place.
    @discardableResult
    func stylize(
        with stylizer: Stylizer, _ request: StyleRequest, compositing: CompositingOptions = CompositingOptions(),
        prior: Prior? = nil, flow: FlowPair? = nil, isDiscontinuous: Bool = false, every: Int = 1, time: Double = 0
    ) throws -> StyleResult {
        try withExtendedLifetime(self) {
            let frame = StyleFrame(
                pixels: FramePixels(pixels), prior: prior, flow: flow, isDiscontinuous: isDiscontinuous, time: time)
            return try stylizer.stylize(frame, request: request, compositing: compositing, every: every)
        }
    }

    @discardableResult
    func stylize(
        with stylizer: CoherentStylizer, time: Double, isDiscontinuous: Bool = false
    ) throws -> StyleResult {
        try withExtendedLifetime(self) {
            try stylizer.stylize(pixels, time: time, isDiscontinuous: isDiscontinuous)
        }
    }

    deinit { pixels.base.deallocate() }
}
