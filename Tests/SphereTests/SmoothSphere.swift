import Glibc
import Imaging
import Sphere

/// A smooth test image of the sphere that can be evaluated in any direction: a sum of plane waves, different for each
/// colour.
struct SmoothSphere {
    /// Minimum wavelength in radians.
    var length = 0.4
    /// Waves of a colour: direction times waves per radian, and phase.
    private static let waves: [[(Ray, Double)]] = [
        [([0.8, 0.3, 0.5], 0.4), ([0.5, -0.8, 0.3], 0), ([-0.1, 0.2, -0.9], 2)],
        [([0.2, 0.9, -0.4], 1.9), ([-0.4, -0.2, 0.9], 0.5), ([0.9, 0.1, 0.2], 1)],
        [([-0.6, 0.5, 0.6], 3), ([0.7, 0.6, 0.3], 1.1), ([0.1, -0.9, 0.2], 0.2)],
        [([0.3, 0.3, -0.9], 0.1), ([0.9, -0.2, 0.2], 2.7), ([-0.2, 0.8, 0.5], 1.3)],
    ]

    func value(_ ray: Ray, channel: Int) -> Double {
        let direction = ray / (ray * ray).sum().squareRoot()
        return Self.waves[channel].reduce(128) { $0 + 36 * sin((direction * $1.0).sum() * 2 * .pi / length + $1.1) }
    }

    /// The image in a layout.
    func frame(_ layout: SphereLayout, width: Int, height: Int, channels: Int = 3) -> Image {
        frame(width: width, height: height, channels: channels) { x, y in
            guard layout != .equirectangular else {
                let longitude = ((x + 0.5) / Double(width) * 2 - 1) * .pi
                let latitude = ((y + 0.5) / Double(height) - 0.5) * .pi
                return [sin(longitude) * cos(latitude), sin(latitude), cos(longitude) * cos(latitude)]
            }
            let grids: [SphereLayout: [[CubeFace?]]] = [
                .threeByTwo: [[.right, .left, .up], [.down, .front, .back]],
                .sixByOne: [[.right, .left, .up, .down, .front, .back]],
                .oneBySix: [[.right], [.left], [.up], [.down], [.front], [.back]],
                .cross: [[nil, .up, nil, nil], [.left, .front, .right, .back], [nil, .down, nil, nil]],
            ]
            guard let grid = grids[layout], let columns = grid.first?.count else { return nil }
            let size = Double(width / columns)
            let (column, row) = (Int(x / size), Int(y / size))
            return grid[row][column]?.ray(
                u: (2 * (x - Double(column) * size) + 1) / size - 1, v: (2 * (y - Double(row) * size) + 1) / size - 1)
        }
    }

    /// The batch of extended faces.
    func column(_ geometry: CubeGeometry, channels: Int = 3) -> Image {
        let size = Double(geometry.extendedSize)
        return frame(width: geometry.columnWidth, height: geometry.columnHeight, channels: channels) { x, y in
            let face = CubeFace.allCases[Int(y / size)]
            func coordinate(_ pixel: Double) -> Double { ((2 * pixel + 1) / size - 1) * geometry.extent }
            return face.ray(u: coordinate(x), v: coordinate(y - Double(face.rawValue) * size))
        }
    }

    /// 0 if there is no ray.
    private func frame(
        width: Int, height: Int, channels: Int, ray: (_ x: Double, _ y: Double) -> Ray?
    ) -> Image {
        var image = Image(width: width, height: height, channels: channels)
        for y in 0..<height {
            for x in 0..<width {
                guard let ray = ray(Double(x), Double(y)) else { continue }
                for channel in 0..<channels {
                    image.samples[(channel * height + y) * width + x] = Float(value(ray, channel: channel))
                }
            }
        }
        return image
    }
}

/// PSNR in decibels, for a peak of 255.
func peakSignalToNoise(_ first: Image, _ second: Image) -> Double {
    guard first.samples.count == second.samples.count else { return 0 }
    let squares = zip(first.samples, second.samples).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    return 10 * log10(255 * 255 / max(squares / Double(first.samples.count), 1e-12))
}

/// An 8-bit frame with `padding` bytes after each row.
final class ByteFrame {
    let pixels: PackedPixels
    let byteCount: Int

    init(width: Int, height: Int, layout: PixelLayout, padding: Int = 0, fill: UInt8 = 7) {
        let stride = width * layout.bytesPerPixel + padding
        byteCount = stride * height
        let base = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        base.initializeMemory(as: UInt8.self, repeating: fill, count: byteCount)
        pixels = PackedPixels(base: base, stride: stride, width: width, height: height, layout: layout)
    }

    deinit { pixels.base.deallocate() }

    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: pixels.base, count: byteCount)) }

    /// One byte of each pixel, as values.
    func plane(byte: Int) -> [Float] {
        (0..<pixels.height).flatMap { y in
            (0..<pixels.width).map { x in
                Float(
                    pixels.base.load(
                        fromByteOffset: y * pixels.stride + x * pixels.layout.bytesPerPixel + byte, as: UInt8.self))
            }
        }
    }

    func setPlane(byte: Int, _ values: [Float]) {
        for y in 0..<pixels.height {
            for x in 0..<pixels.width {
                pixels.base.storeBytes(
                    of: UInt8(max(0, min(255, values[y * pixels.width + x].rounded()))),
                    toByteOffset: y * pixels.stride + x * pixels.layout.bytesPerPixel + byte, as: UInt8.self)
            }
        }
    }
}
