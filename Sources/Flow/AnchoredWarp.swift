import CKernels
import Imaging

/// Pixels of a batch of images with up to four channels, interleaved for sampling.
package struct Texels: Sendable {
    private var values: [Float] = []
    private var imageSize = 0
    fileprivate private(set) var shape = (width: 0, height: 0, batchSize: 0)

    /// Texels of no image.
    init() {}

    /// - Precondition: at most four channels.
    package init(_ image: Image, threads: Int = 0) { take(image, threads: threads) }

    /// Takes the pixels of another image, in the same memory if it has the same size: new memory of this size would cost
    /// as much time as the pixels.
    ///
    /// - Precondition: at most four channels.
    mutating func take(_ image: Image, threads: Int) {
        precondition(image.channels <= 4, "texels have four channels")
        let border = Int(KERNEL_TEXEL_BORDER)
        let (width, count) = (image.width, image.pixelCount)
        let images = rows(ofBatch: image.batchSize, height: image.height)
        let lines = (images.map(\.count).max() ?? 0) + border
        let size = 4 * (width + border) * lines
        imageSize = size
        shape = (width, image.height, image.batchSize)
        func fill(_ texels: UnsafeMutableBufferPointer<Float>) {
            image.samples.withUnsafeBufferPointer { source in
                guard let texels = texels.baseAddress, let source = source.baseAddress else { return }
                for (index, rows) in images.enumerated() {
                    let target = texels + index * size
                    parallelRows(rows.count + border, threads: threads) {
                        kernel_make_texels(
                            source + rows.lowerBound * width, count, Int32(width), Int32(rows.count),
                            Int32(image.channels), target, Int32($0.lowerBound), Int32($0.upperBound))
                    }
                }
            }
        }
        if values.count == size * images.count {
            values.withUnsafeMutableBufferPointer { fill($0) }
        } else {
            values = [Float](unsafeUninitializedCapacity: size * images.count) { texels, initialized in
                fill(texels)
                initialized = size * images.count
            }
        }
    }

    /// Calls `body` with the texels of one image of this and of two other batches of the same shape.
    fileprivate func withImage(
        _ index: Int, _ second: Texels, _ third: Texels,
        _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
    ) {
        values.withUnsafeBufferPointer { first in
            second.values.withUnsafeBufferPointer { second in
                third.values.withUnsafeBufferPointer { third in
                    guard let first = first.baseAddress, let second = second.baseAddress,
                        let third = third.baseAddress
                    else { return }
                    let offset = index * imageSize
                    body(first + offset, second + offset, third + offset)
                }
            }
        }
    }
}

/// Warps images to consecutive frames from an older one, the anchor, along the sum of the flows since then.
package struct AnchoredWarp: Sendable {
    private let anchor: Texels
    private let interpolation: Interpolation
    /// From the last frame to the anchor's: u, v, and the weight of the anchor.
    private var way: Image
    /// Memory for the texels of the last image and of the way.
    private var memory = (last: Texels(), way: Texels())

    /// - Parameters:
    ///   - anchor: an image with three channels.
    ///   - motion: from the next frame to the anchor's, of the same size.
    package init(anchor: Image, motion: Motion, interpolation: Interpolation, threads: Int = 0) {
        self.interpolation = interpolation
        self.anchor = Texels(anchor, threads: threads)
        way = Image(
            width: anchor.width, height: anchor.height, channels: 3,
            samples: motion.flow.u + motion.flow.v + motion.certainty.values)
        way.batchSize = anchor.batchSize
    }

    /// Whether an image has the anchor's size.
    package func fits(_ image: Image) -> Bool {
        image.channels == 3 && anchor.shape == (image.width, image.height, image.batchSize)
    }

    /// Reduces the anchor's weight where two images of the last frame differ.
    ///
    /// - Parameter tolerance: root of the mean squared difference of the channels at which the weight is halved.
    /// - Precondition: both fit.
    package mutating func weigh(_ image: Image, against other: Image, tolerance: Float, threads: Int = 0) {
        let (width, count) = (image.width, image.pixelCount)
        let scale = 1 / (3 * tolerance * tolerance)
        way.samples.withUnsafeMutableBufferPointer { way in
            image.samples.withUnsafeBufferPointer { image in
                other.samples.withUnsafeBufferPointer { other in
                    guard let way = way.baseAddress, let image = image.baseAddress, let other = other.baseAddress
                    else { return }
                    let weight = way + 2 * count
                    parallelRows(count / max(width, 1), threads: threads) { rows in
                        kernel_weigh_agreement(
                            image, other, count, scale, weight, rows.lowerBound * width, rows.upperBound * width)
                    }
                }
            }
        }
    }

    /// The image of the next frame: the last one, warped, and the anchor where it has weight.
    ///
    /// - Parameters:
    ///   - last: of the last frame.
    ///   - motion: from the next frame to the last one. Where it is uncertain, the anchor has no weight from now on.
    /// - Precondition: both fit.
    package mutating func next(after last: Image, by motion: Motion, threads: Int = 0) -> Image {
        memory.last.take(last, threads: threads)
        memory.way.take(way, threads: threads)
        let (sources, anchor, isCubic) = (memory, anchor, interpolation == .bicubic)
        let (width, count) = (last.width, last.pixelCount)
        return last.withSameShape { target in
            way.samples.withUnsafeMutableBufferPointer { way in
                motion.certainty.values.withUnsafeBufferPointer { certainty in
                    guard let target = target.baseAddress, let way = way.baseAddress,
                        let certainty = certainty.baseAddress
                    else { return }
                    motion.flow.withKernelFlow { flow in
                        for (index, image) in rows(ofBatch: last.batchSize, height: last.height).enumerated() {
                            let first = image.lowerBound * width
                            sources.last.withImage(index, sources.way, anchor) { last, path, anchor in
                                let source = kernel_anchored(last: last, anchor: anchor, way: path)
                                parallelRows(image.count, threads: threads) {
                                    kernel_warp_anchored(
                                        flow.image(image), certainty + first, source, isCubic ? 1 : 0, way + first,
                                        target + first, count, Int32($0.lowerBound), Int32($0.upperBound))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
