import CKernels
import Imaging

/// Resamples a sphere from one layout to another; shared by splitting and joining. Not thread-safe.
final class SphereResampler {
    private let source: SpherePanels
    private let target: SpherePanels
    /// The source, downscaled if it has much more detail than the target can show.
    private let texels: TexelPanels
    private let shrinking: (rows: ResamplingTaps, columns: ResamplingTaps)?
    private let map: SphereMap
    private let threads: Int
    /// Texels of 8-bit frames; the memory is reused from frame to frame.
    private var byteTexels: [UInt8] = []

    init(from source: SpherePanels, to target: SpherePanels, threads: Int) {
        self.source = source
        self.target = target
        self.threads = threads
        let sampled = source.shrunk(for: target)
        texels = TexelPanels(sampled)
        shrinking =
            sampled == source
            ? nil
            : (
                ResamplingTaps(from: source.height, to: sampled.height, by: .cubic),
                ResamplingTaps(from: source.width, to: sampled.width, by: .cubic)
            )
        map = SphereMap(from: texels, to: target, isBlended: true, threads: threads)
    }

    /// Writes the target's images; pixels between them are unchanged.
    /// - Precondition: both frames contain their images and have the same number of bytes per pixel.
    func resample(_ frame: PackedPixels, into result: PackedPixels) {
        let step = frame.layout.bytesPerPixel
        precondition(result.layout.bytesPerPixel == step, "source and target need one pixel layout")
        let texels = texels
        if byteTexels.isEmpty { byteTexels = Array(repeating: 0, count: 4 * texels.count) }
        byteTexels.withUnsafeMutableBufferPointer { buffer in
            guard let buffer = buffer.baseAddress else { return }
            makeTexels(of: frame, in: buffer)
            texels.fillBorders(of: buffer)
            map.forEachRow(threads: threads) { panel, y, row in
                let origin = target.origins[panel]
                let line = result.base + (origin.y + y) * result.stride + origin.x * step
                kernel_remap_bytes(
                    buffer, texels.stride, row, Int32(step), line.assumingMemoryBound(to: UInt8.self))
            }
        }
    }

    /// A frame of `width` times `height` with the target's images, and 0 between them.
    /// - Precondition: `frame` contains the source's images and has 1 to 4 channels.
    func resample(_ frame: Image, width: Int, height: Int) -> Image {
        precondition((1...4).contains(frame.channels), "spheres have one to four channels")
        let texels = texels
        let buffer = UnsafeMutablePointer<Float>.allocate(capacity: 4 * texels.count)
        defer { buffer.deallocate() }
        makeTexels(of: frame, in: buffer)
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

    // MARK: Texels

    private func makeTexels(of frame: PackedPixels, in buffer: UnsafeMutablePointer<UInt8>) {
        let step = frame.layout.bytesPerPixel
        let (width, height) = (texels.panels.width, texels.panels.height)
        parallelRows(source.origins.count * height, threads: threads) { rows in
            withUnsafeTemporaryAllocation(
                of: Float.self, capacity: shrinking.map { 4 * (source.width + $0.columns.taps) } ?? 1
            ) { line in
                for row in rows {
                    let (panel, y) = row.quotientAndRemainder(dividingBy: height)
                    let origin = source.origins[panel]
                    let target = buffer + 4 * texels.texel(panel: panel, x: 0, y: y)
                    func pixels(row: Int) -> UnsafePointer<UInt8> {
                        let first = frame.base + (origin.y + row) * frame.stride + origin.x * step
                        return UnsafePointer(first.assumingMemoryBound(to: UInt8.self))
                    }
                    guard let shrinking else {
                        kernel_byte_texels(pixels(row: y), Int32(step), Int32(width), target)
                        continue
                    }
                    let (vertical, horizontal) = (shrinking.rows, shrinking.columns)
                    vertical.weights.withUnsafeBufferPointer { rowWeights in
                        horizontal.weights.withUnsafeBufferPointer { weights in
                            horizontal.first.withUnsafeBufferPointer { first in
                                let kernel = kernel_downscale(
                                    row_weights: rowWeights.baseAddress.map { $0 + y * vertical.taps },
                                    weights: weights.baseAddress, first: first.baseAddress, count: vertical.count[y],
                                    taps: Int32(horizontal.taps))
                                kernel_downscaled_byte_texels(
                                    pixels(row: Int(vertical.first[y])), frame.stride, Int32(step),
                                    Int32(source.width), kernel, line.baseAddress, Int32(width), target)
                            }
                        }
                    }
                }
            }
        }
    }

    private func makeTexels(of frame: Image, in buffer: UnsafeMutablePointer<Float>) {
        let (width, height) = (texels.panels.width, texels.panels.height)
        for (panel, origin) in source.origins.enumerated() {
            let isWholeFrame = source.width == frame.width && source.height == frame.height
            let image =
                isWholeFrame
                ? frame
                : frame.cropped(
                    x: origin.x, y: origin.y, width: source.width, height: source.height, threads: threads)
            let fitting = image.resized(width: width, height: height, threads: threads)
            fitting.samples.withUnsafeBufferPointer { samples in
                parallelRows(height, threads: threads) { rows in
                    for y in rows {
                        let line = buffer + 4 * texels.texel(panel: panel, x: 0, y: y)
                        for channel in 0..<4 {
                            let first = (channel * height + y) * width
                            for x in 0..<width {
                                line[4 * x + channel] = channel < frame.channels ? samples[first + x] : 0
                            }
                        }
                    }
                }
            }
        }
    }
}
