import Imaging

/// An image from which training samples are cropped, with 8 bits per channel.
public struct Photograph: Sendable {
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// Red, green, blue of each pixel, row by row without padding.
    let bytes: [UInt8]
    /// Hash of the bytes.
    let digest: UInt64

    /// - Parameters:
    ///   - image: in picture space, 0...255, three channels.
    ///   - shorterSide: a larger image is downscaled to this shorter side, in pixels.
    public init(_ image: Image, shorterSide: Int = .max) {
        precondition(image.channels == 3, "a photograph has three channels")
        let shorter = min(image.width, image.height)
        var image = image
        if shorter > shorterSide {
            func shrunk(_ length: Int) -> Int { max(1, (length * shorterSide + shorter / 2) / shorter) }
            image = image.resized(width: shrunk(image.width), height: shrunk(image.height), by: .linear)
        }
        width = image.width
        height = image.height
        let (width, height) = (width, height)
        bytes = [UInt8](unsafeUninitializedCapacity: image.pixelCount * 3) { buffer, count in
            count = image.pixelCount * 3
            guard let base = buffer.baseAddress else { return }
            PackedPixels(
                base: UnsafeMutableRawPointer(base), stride: width * 3, width: width, height: height, layout: .rgb
            )
            .store(picture: image)
        }
        digest = bytes.withUnsafeBytes { bytes in
            // FNV-1a over words of 8 bytes: as fast as reading them.
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for start in stride(from: 0, to: bytes.count & ~7, by: 8) {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
                hash = (hash ^ word) &* 0x0000_0100_0000_01B3
                hash ^= hash >> 29
            }
            for byte in bytes[(bytes.count & ~7)...] { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            return hash
        }
    }

    /// A crop in network space.
    /// - Precondition: it lies within the image.
    package func cut(x: Int, y: Int, width: Int, height: Int) -> Image {
        precondition(x >= 0 && y >= 0 && x + width <= self.width && y + height <= self.height, "a cut lies within")
        return bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return Image(width: width, height: height) }
            // The kernel only reads.
            let start = UnsafeMutableRawPointer(mutating: base) + (y * self.width + x) * 3
            return PackedPixels(base: start, stride: self.width * 3, width: width, height: height, layout: .rgb)
                .networkImage(threads: 1)
        }
    }

    /// Luma, 0...255.
    func luma(threads: Int) -> Plane<UInt8> {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return Plane(width: width, height: height, repeating: 0) }
            // The kernel only reads.
            let start = UnsafeMutableRawPointer(mutating: base)
            return PackedPixels(base: start, stride: width * 3, width: width, height: height, layout: .rgb)
                .luma(threads: threads)
        }
    }
}
