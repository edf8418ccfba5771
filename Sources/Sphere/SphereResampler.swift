import CKernels
import Imaging

/// Shows the sphere of one frame in another: what splitting and joining share. For one thread at a time.
final class SphereResampler {
    private let source: SpherePanels
    private let target: SpherePanels
    private let texels: TexelPanels
    private let map: SphereMap
    private let threads: Int
    /// Texels of frames of bytes, kept from frame to frame.
    private var byteTexels: [UInt8] = []

    init(from source: SpherePanels, to target: SpherePanels, threads: Int) {
        self.source = source
        self.target = target
        self.threads = threads
        texels = TexelPanels(source)
        map = SphereMap(from: texels, to: target, isBlended: true, threads: threads)
    }

    /// Writes the target's pictures; what lies between them stays.
    /// - Precondition: both frames hold their pictures and have pixels of one size.
    func resample(_ frame: PackedPixels, into result: PackedPixels) {
        let step = frame.layout.bytesPerPixel
        precondition(result.layout.bytesPerPixel == step, "source and target need one pixel layout")
        let texels = texels
        if byteTexels.isEmpty { byteTexels = Array(repeating: 0, count: 4 * texels.count) }
        byteTexels.withUnsafeMutableBufferPointer { buffer in
            guard let buffer = buffer.baseAddress else { return }
            parallelRows(source.origins.count * source.height, threads: threads) { rows in
                for row in rows {
                    let (panel, y) = row.quotientAndRemainder(dividingBy: source.height)
                    let origin = source.origins[panel]
                    let line = frame.base + (origin.y + y) * frame.stride + origin.x * step
                    kernel_byte_texels(
                        line.assumingMemoryBound(to: UInt8.self), Int32(step), Int32(source.width),
                        buffer + 4 * texels.texel(panel: panel, x: 0, y: y))
                }
            }
            texels.fillBorders(of: buffer)
            map.forEachRow(threads: threads) { panel, y, row in
                let origin = target.origins[panel]
                let line = result.base + (origin.y + y) * result.stride + origin.x * step
                kernel_remap_bytes(
                    buffer, texels.stride, row, Int32(step), line.assumingMemoryBound(to: UInt8.self))
            }
        }
    }

    /// The frame of `width` times `height` that holds the target's pictures, 0 between them.
    /// - Precondition: `frame` holds the source's pictures and has 1 to 4 channels.
    func resample(_ frame: Image, width: Int, height: Int) -> Image {
        precondition((1...4).contains(frame.channels), "spheres have one to four channels")
        let texels = texels
        let buffer = UnsafeMutablePointer<Float>.allocate(capacity: 4 * texels.count)
        defer { buffer.deallocate() }
        frame.samples.withUnsafeBufferPointer { samples in
            parallelRows(source.origins.count * source.height, threads: threads) { rows in
                for row in rows {
                    let (panel, y) = row.quotientAndRemainder(dividingBy: source.height)
                    let origin = source.origins[panel]
                    let line = buffer + 4 * texels.texel(panel: panel, x: 0, y: y)
                    for channel in 0..<4 {
                        let first = channel * frame.pixelCount + (origin.y + y) * frame.width + origin.x
                        for x in 0..<source.width {
                            line[4 * x + channel] = channel < frame.channels ? samples[first + x] : 0
                        }
                    }
                }
            }
        }
        texels.fillBorders(of: buffer)
        var result = Image(width: width, height: height, channels: frame.channels)
        result.samples.withUnsafeMutableBufferPointer { samples in
            guard let samples = samples.baseAddress else { return }
            map.forEachRow(threads: threads) { panel, y, row in
                let origin = target.origins[panel]
                kernel_remap_floats(
                    buffer, texels.stride, row, Int32(frame.channels), width * height,
                    samples + (origin.y + y) * width + origin.x)
            }
        }
        return result
    }
}

extension PackedPixels {
    /// Every byte 0.
    func clear() {
        for y in 0..<height {
            (base + y * stride).initializeMemory(as: UInt8.self, repeating: 0, count: width * layout.bytesPerPixel)
        }
    }
}
