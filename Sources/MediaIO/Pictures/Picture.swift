import Imaging

/// A decoded picture: four bytes a pixel, red, green, blue and alpha, row by row, not premultiplied.
package struct Picture {
    package var width: Int
    package var height: Int
    /// `width * height * 4` bytes.
    package var pixels: [UInt8]
    /// Whether the file has an alpha channel. Without one, alpha is 255 everywhere.
    package var hasAlpha: Bool

    /// Has `fill` write the pixels, row by row without padding.
    package init(
        width: Int, height: Int, hasAlpha: Bool,
        fill: (UnsafeMutableBufferPointer<UInt8>) throws(MediaError) -> Void
    ) throws(MediaError) {
        (self.width, self.height, self.hasAlpha) = (width, height, hasAlpha)
        let size = width * height * 4
        var failure: MediaError?
        pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let bytes = UnsafeMutableBufferPointer(rebasing: buffer[..<size])
            do throws(MediaError) {
                try fill(bytes)
                count = size
            } catch {
                failure = error
                count = 0
            }
        }
        if let failure { throw failure }
    }

    /// A transparent picture.
    init(transparentOfWidth width: Int, height: Int) {
        (self.width, self.height, hasAlpha) = (width, height, true)
        pixels = [UInt8](repeating: 0, count: width * height * 4)
    }

    /// Whether alpha is 255 everywhere.
    package var isOpaque: Bool {
        pixels.withUnsafeBufferPointer { pixels in
            stride(from: 3, to: pixels.count, by: 4).allSatisfy { pixels[$0] == 255 }
        }
    }

    /// Undoes the multiplication of colors by alpha.
    mutating func divideByAlpha() {
        pixels.withUnsafeMutableBufferPointer { pixels in
            for index in stride(from: 0, to: pixels.count, by: 4) {
                let alpha = Int(pixels[index + 3])
                guard alpha > 0, alpha < 255 else { continue }
                for channel in index..<index + 3 {
                    pixels[channel] = UInt8(min((Int(pixels[channel]) * 255 + alpha / 2) / alpha, 255))
                }
            }
        }
    }

    /// The picture as it is looked at.
    ///
    /// - Parameter orientation: Exif's number, 1...8; others are taken as 1.
    func upright(_ orientation: Int) -> Picture {
        guard (2...8).contains(orientation), width > 0, height > 0 else { return self }
        let (last, bottom) = (width - 1, (height - 1) * width)
        // Where the first pixel of the upright picture is in the stored one, and the way to its right and lower neighbors.
        let (first, right, down) =
            switch orientation {
            case 2: (last, -1, width)
            case 3: (bottom + last, -1, -width)
            case 4: (bottom, 1, -width)
            case 5: (0, width, 1)
            case 6: (bottom, -width, 1)
            case 7: (bottom + last, -width, -1)
            default: (last, width, -1)
            }
        var result = self
        if orientation > 4 { swap(&result.width, &result.height) }
        pixels.withUnsafeBytes { source in
            result.pixels.withUnsafeMutableBytes { target in
                let (source, target) = (source.bindMemory(to: UInt32.self), target.bindMemory(to: UInt32.self))
                for y in 0..<result.height {
                    var index = first + y * down
                    for x in 0..<result.width {
                        target[y * result.width + x] = source[index]
                        index += right
                    }
                }
            }
        }
        return result
    }

    /// The picture in picture space.
    ///
    /// - Parameter background: grey level, 0...255, behind transparent pixels; nil: alpha is ignored.
    func image(over background: Float?) -> Image {
        var image = Image(width: width, height: height)
        let count = width * height
        pixels.withUnsafeBufferPointer { pixels in
            image.samples.withUnsafeMutableBufferPointer { samples in
                for channel in 0..<3 {
                    for index in 0..<count { samples[channel * count + index] = Float(pixels[index * 4 + channel]) }
                    guard let background, hasAlpha else { continue }
                    for index in 0..<count where pixels[index * 4 + 3] < 255 {
                        let opacity = Float(pixels[index * 4 + 3]) / 255
                        let sample = samples[channel * count + index]
                        samples[channel * count + index] = sample * opacity + background * (1 - opacity)
                    }
                }
            }
        }
        return image
    }
}
