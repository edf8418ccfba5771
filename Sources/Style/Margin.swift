import Imaging

/// A border of mirrored picture that goes through the network and is cut away afterwards.
///
/// Convolutions that see zeros beyond the picture's border paint a frame along it: faint, but it stands still while the
/// picture moves. Within the margin nobody sees it.
struct Margin: Sendable, Equatable {
    /// Pixels a side.
    let size: Int

    /// The picture with the margin around it, mirrored at its border, which is not repeated.
    func added(to image: Image) -> Image {
        if size == 0 { return image }
        let samples = added(to: image.samples, width: image.width, height: image.height, planes: image.channels)
        return Image(
            width: image.width + 2 * size, height: image.height + 2 * size, channels: image.channels, samples: samples)
    }

    func added(to plane: Plane<Float>) -> Plane<Float> {
        if size == 0 { return plane }
        return Plane(
            width: plane.width + 2 * size, height: plane.height + 2 * size,
            values: added(to: plane.values, width: plane.width, height: plane.height, planes: 1))
    }

    /// The picture without the margin around it.
    func removed(from image: Image) -> Image {
        if size == 0 { return image }
        let width = image.width - 2 * size
        let height = image.height - 2 * size
        var samples: [Float] = []
        samples.reserveCapacity(width * height * image.channels)
        for channel in 0..<image.channels {
            for y in size..<(size + height) {
                let start = (channel * image.height + y) * image.width + size
                samples += image.samples[start..<(start + width)]
            }
        }
        return Image(width: width, height: height, channels: image.channels, samples: samples)
    }

    private func added(to values: [Float], width: Int, height: Int, planes: Int) -> [Float] {
        let left = (-size..<0).map { mirrored($0, in: width) }
        let right = (width..<(width + size)).map { mirrored($0, in: width) }
        var result: [Float] = []
        result.reserveCapacity((width + 2 * size) * (height + 2 * size) * planes)
        for plane in 0..<planes {
            for y in -size..<(height + size) {
                let start = (plane * height + mirrored(y, in: height)) * width
                for x in left { result.append(values[start + x]) }
                result += values[start..<(start + width)]
                for x in right { result.append(values[start + x]) }
            }
        }
        return result
    }
}

/// `index` reflected, as often as need be, into `0..<length`; the first and last elements are not repeated.
private func mirrored(_ index: Int, in length: Int) -> Int {
    if length == 1 { return 0 }
    let period = 2 * (length - 1)
    let place = ((index % period) + period) % period
    return place < length ? place : period - place
}
