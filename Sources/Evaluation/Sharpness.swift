import Imaging

/// Standard deviation of the Laplacian (the four neighbours minus four times the pixel) of an image's luma; falls with
/// blur. The border is mirrored about the outermost pixels.
/// - Parameters:
///   - image: values 0...255. Three channels are converted to luma by BT.601 in the order `order`; other numbers of
///     channels are averaged.
///   - threads: the maximum number; 0: one per processor. The result does not depend on it.
/// - Returns: 0 for an image without pixels.
public func sharpness(of image: Image, order: ChannelOrder = .rgb, threads: Int = 0) -> Double {
    let (width, height, count) = (image.width, image.height, image.pixelCount)
    guard count > 0 else { return 0 }
    let luma = meanOfChannels(of: image, order: order, threads: threads)
    func mirrored(_ index: Int, _ length: Int) -> Int {
        if length == 1 { return 0 }
        return index < 0 ? -index : index >= length ? 2 * length - 2 - index : index
    }
    let sums = RowSums(height: height, threads: threads) { y in
        let (above, row, below) = (mirrored(y - 1, height) * width, y * width, mirrored(y + 1, height) * width)
        var (sum, squares) = (0.0, 0.0)
        for x in 0..<width {
            let (left, right) = (mirrored(x - 1, width), mirrored(x + 1, width))
            let neighbours = luma[above + x] + luma[below + x] + luma[row + left] + luma[row + right]
            let value = Double(neighbours - 4 * luma[row + x])
            sum += value
            squares += value * value
        }
        return (sum, squares)
    }
    let mean = sums.first / Double(count)
    return max(sums.second / Double(count) - mean * mean, 0).squareRoot()
}

/// Luma of three channels, the mean of other numbers of channels.
private func meanOfChannels(of image: Image, order: ChannelOrder, threads: Int) -> [Float] {
    let (width, count) = (image.width, image.pixelCount)
    let rgb: [Float] = [0.299, 0.587, 0.114]
    let even = [Float](repeating: 1 / Float(image.channels), count: image.channels)
    let weights = image.channels == 3 ? (order == .rgb ? rgb : rgb.reversed()) : even
    return [Float](unsafeUninitializedCapacity: count) { luma, initialized in
        nonisolated(unsafe) let luma = luma
        parallelRows(image.height, threads: threads) { rows in
            for i in rows.lowerBound * width..<rows.upperBound * width {
                var sum: Float = 0
                for channel in weights.indices { sum += weights[channel] * image.samples[channel * count + i] }
                luma[i] = sum
            }
        }
        initialized = count
    }
}
