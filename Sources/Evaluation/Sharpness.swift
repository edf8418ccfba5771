import Imaging

/// Standard deviation of the Laplacian (the four neighbours minus four times the pixel) of an image's luma; falls with
/// blur. The border is mirrored about the outermost pixels.
/// - Parameters:
///   - image: values 0...255. Three channels are converted to luma by BT.601 in the order `order`; other numbers of
///     channels are averaged.
/// - Returns: 0 for an image without pixels.
public func sharpness(of image: Image, order: ChannelOrder = .rgb) -> Double {
    let (width, height, count) = (image.width, image.height, image.pixelCount)
    guard count > 0 else { return 0 }
    let even = [Float](repeating: 1 / Float(image.channels), count: image.channels)
    let rgb: [Float] = [0.299, 0.587, 0.114]
    let weights = image.channels == 3 ? (order == .rgb ? rgb : rgb.reversed()) : even
    let luma = (0..<count).map { i in
        weights.indices.reduce(Float(0)) { $0 + weights[$1] * image.samples[$1 * count + i] }
    }
    func mirrored(_ index: Int, _ length: Int) -> Int {
        if length == 1 { return 0 }
        return index < 0 ? -index : index >= length ? 2 * length - 2 - index : index
    }
    var (sum, squares) = (0.0, 0.0)
    for y in 0..<height {
        let above = mirrored(y - 1, height) * width
        let below = mirrored(y + 1, height) * width
        for x in 0..<width {
            let row = y * width
            let neighbours =
                luma[above + x] + luma[below + x] + luma[row + mirrored(x - 1, width)]
                + luma[row + mirrored(x + 1, width)]
            let value = Double(neighbours - 4 * luma[row + x])
            sum += value
            squares += value * value
        }
    }
    let mean = sum / Double(count)
    return max(squares / Double(count) - mean * mean, 0).squareRoot()
}
