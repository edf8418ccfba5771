import CKernels

/// A painting with fewer pixels than the frame that it was painted from, to be brought up to the frame's size with the
/// frame's edges: guided upsampling (He and Sun, *Fast Guided Filter*, 2015).
///
/// Around each pixel the painting is about a linear function of the frame's luma. The detail that the frame has at its own
/// size only is added to the enlarged painting, times the slope of that function.
package struct GuidedPainting {
    /// Half the side of the windows in which the slope is fitted, in pixels of the painting.
    private static let radius: Int32 = 2
    /// Variance of the guide at which the slope is halved: differences of luma below 8 are taken for noise.
    private static let regularization: Float = 64
    /// Painting in blue, green, red; guide; slopes in blue, green, red.
    private static let channels = 7

    /// All channels, at the painting's size.
    private let planes: Image

    /// - Parameters:
    ///   - painting: in network space.
    ///   - frame: of any size.
    package init(_ painting: Image, of frame: PackedPixels, threads: Int = 0) {
        let (width, height, count) = (painting.width, painting.height, painting.pixelCount)
        let luma = frame.luma(threads: threads)
        let guide = Image(width: frame.width, height: frame.height, channels: 1) { target in
            luma.values.withUnsafeBufferPointer { luma in
                parallelRows(frame.height, threads: threads) { rows in
                    for i in rows.lowerBound * frame.width..<rows.upperBound * frame.width {
                        target[i] = Float(luma[i]) - KERNEL_GUIDE_CENTRE
                    }
                }
            }
        }.resized(width: width, height: height, threads: threads)
        planes = Image(width: width, height: height, channels: Self.channels) { target in
            _ = target.update(fromContentsOf: painting.samples[..<(3 * count)])
            _ = UnsafeMutableBufferPointer(rebasing: target[3 * count..<4 * count]).update(
                fromContentsOf: guide.samples)
            guard let first = target.baseAddress else { return }
            parallelRows(height, threads: threads) { rows in
                let scratch = kernel_guided_scratch(Int32(width), Self.radius)
                withUnsafeTemporaryAllocation(of: Float.self, capacity: scratch) { scratch in
                    kernel_guided_slopes(
                        first + 3 * count, first, count, Int32(width), Int32(height), Self.radius, Self.regularization,
                        scratch.baseAddress, first + 4 * count, Int32(rows.lowerBound), Int32(rows.upperBound))
                }
            }
        }
    }

    /// Paints over the frame. A fourth byte of its pixels is unchanged.
    ///
    /// - Parameters:
    ///   - pixels: the frame that the painting was made with.
    ///   - strength: opacity, 0...1.
    ///   - preservesColor: take luma from the painting and chroma from the frame.
    package func paint(over pixels: PackedPixels, strength: Float = 1, preservesColor: Bool = false, threads: Int = 0) {
        let (width, height) = (pixels.width, pixels.height)
        guard width > 0, height > 0, !planes.samples.isEmpty else { return }
        let vertical = ResamplingTaps(from: planes.height, to: height, by: .cubic)
        let horizontal = ResamplingTaps(from: planes.width, to: width, by: .cubic)
        let view = pixels.kernelPixels
        let mean = NetworkSpace.mean
        let offset = kernel_color(red: mean.red, green: mean.green, blue: mean.blue)
        planes.samples.withUnsafeBufferPointer { samples in
            guard let first = samples.baseAddress else { return }
            parallelRows(height, threads: threads) { rows in
                let capacity = planes.width + horizontal.taps + Self.channels * width
                withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { scratch in
                    // Samples beyond the row have weight 0, but must be finite.
                    scratch.initialize(repeating: 0)
                    guard let line = scratch.baseAddress else { return }
                    let lines = line + planes.width + horizontal.taps
                    for y in rows {
                        vertical.weights.withUnsafeBufferPointer { weights in
                            for channel in 0..<Self.channels {
                                let row = channel * planes.height + Int(vertical.first[y])
                                kernel_mix_rows(
                                    first + row * planes.width, planes.width,
                                    weights.baseAddress.map { $0 + y * vertical.taps }, vertical.count[y],
                                    Int32(planes.width), line)
                                kernel_mix_columns(
                                    line, horizontal.first, horizontal.weights, Int32(horizontal.taps), Int32(width),
                                    lines + channel * width)
                            }
                        }
                        kernel_paint_guided(
                            view, Int32(y), lines, width, offset, strength, preservesColor ? 1 : 0)
                    }
                }
            }
        }
    }
}
