import Flow
import Imaging

/// Flips and transposes that map a left border to any border. Each is its own inverse.
enum DihedralTransform: CaseIterable {
    case left, right, top, bottom

    /// Whether rows stay rows (no transpose).
    var isUpright: Bool { self == .left || self == .right }

    /// The source of pixel (x, y); `width` and `height` are those of the result.
    @inline(__always)
    private func source(x: Int, y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
        switch self {
        case .left: (x, y)
        case .right: (width - 1 - x, y)
        case .top: (y, x)
        case .bottom: (height - 1 - y, width - 1 - x)
        }
    }

    /// Transforms an image.
    func transformed(_ image: Image) -> Image {
        var samples: [Float] = []
        samples.reserveCapacity(image.samples.count)
        for channel in 0..<image.channels {
            samples += transformed(
                image.samples[channel * image.pixelCount..<(channel + 1) * image.pixelCount], width: image.width,
                height: image.height)
        }
        return Image(
            width: isUpright ? image.width : image.height, height: isUpright ? image.height : image.width,
            channels: image.channels, samples: samples)
    }

    /// Transforms flow and certainty.
    ///
    /// - Precondition: square.
    func transformed(_ motion: Motion) -> Motion {
        let (width, height) = (motion.flow.width, motion.flow.height)
        func plane(_ values: [Float], sign: Float = 1) -> [Float] {
            transformed(values[...], width: width, height: height).map { sign * $0 }
        }
        let (u, v) = (motion.flow.u, motion.flow.v)
        let (across, down) =
            switch self {
            case .left: (plane(u), plane(v))
            case .right: (plane(u, sign: -1), plane(v))
            case .top: (plane(v), plane(u))
            case .bottom: (plane(v, sign: -1), plane(u, sign: -1))
            }
        return Motion(
            flow: FlowField(width: width, height: height, u: across, v: down),
            certainty: Plane(width: width, height: height, values: plane(motion.certainty.values)))
    }

    /// Transforms a plane of `width` times `height` values.
    private func transformed(_ values: ArraySlice<Float>, width: Int, height: Int) -> [Float] {
        let (newWidth, newHeight) = isUpright ? (width, height) : (height, width)
        var result: [Float] = []
        result.reserveCapacity(values.count)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                let source = source(x: x, y: y, width: newWidth, height: newHeight)
                result.append(values[values.startIndex + source.y * width + source.x])
            }
        }
        return result
    }
}
