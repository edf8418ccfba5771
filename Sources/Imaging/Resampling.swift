/// How samples between pixels are made.
public enum Resampling: Sendable {
    /// Straight lines between neighbours.
    case linear
    /// Keys's cubic with a = -0.5 (Catmull-Rom): sharper, overshoots a little at edges.
    case cubic

    var support: Double { self == .linear ? 1 : 2 }

    func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .linear: return max(1 - x, 0)
        case .cubic:
            if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
            return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
        }
    }
}

/// The source samples of each target sample along one axis.
///
/// Pixel centres lie at halves. When shrinking, the kernel is stretched by the ratio, so that every source sample
/// counts; samples outside are left out and the weights of the rest add up to 1.
struct ResamplingTaps {
    var first: [Int] = []
    var weights: [[Float]] = []

    init(from source: Int, to target: Int, by resampling: Resampling) {
        let ratio = Double(source) / Double(target)
        let stretch = max(ratio, 1)
        let reach = resampling.support * stretch
        for index in 0..<target {
            let centre = (Double(index) + 0.5) * ratio
            let low = max(Int(centre - reach + 0.5), 0)
            let high = max(min(Int(centre + reach + 0.5), source), low + 1)
            var values = (low..<high).map { resampling.weight((Double($0) + 0.5 - centre) / stretch) }
            let sum = values.reduce(0, +)
            if sum != 0 { values = values.map { $0 / sum } }
            first.append(low)
            weights.append(values.map { Float($0) })
        }
    }
}

extension Image {
    /// The image at another size: interpolated where it grows, averaged over the area of each pixel where it shrinks.
    public func resized(width: Int, height: Int, by resampling: Resampling = .cubic, threads: Int = 0) -> Image {
        if width == self.width && height == self.height { return self }
        let (oldWidth, oldHeight) = (self.width, self.height)
        let vertical = ResamplingTaps(from: oldHeight, to: height, by: resampling)
        let horizontal = ResamplingTaps(from: oldWidth, to: width, by: resampling)
        return Image(width: width, height: height, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                parallelRows(channels * height, threads: threads) { rows in
                    var line = [Float](repeating: 0, count: oldWidth)
                    line.withUnsafeMutableBufferPointer { line in
                        for row in rows {
                            let (channel, y) = row.quotientAndRemainder(dividingBy: height)
                            let above = (channel * oldHeight + vertical.first[y]) * oldWidth
                            mixRows(source, at: above, width: oldWidth, weights: vertical.weights[y], into: line)
                            for x in 0..<width {
                                let first = horizontal.first[x]
                                var sum: Float = 0
                                horizontal.weights[x].withUnsafeBufferPointer { weights in
                                    for i in weights.indices { sum += weights[i] * line[first + i] }
                                }
                                target[row * width + x] = sum
                            }
                        }
                    }
                }
            }
        }
    }
}

private func mixRows(
    _ source: UnsafeBufferPointer<Float>, at start: Int, width: Int, weights: [Float],
    into line: UnsafeMutableBufferPointer<Float>
) {
    for (index, weight) in weights.enumerated() {
        let row = UnsafeBufferPointer(rebasing: source[(start + index * width)..<(start + (index + 1) * width)])
        if index == 0 {
            for x in 0..<width { line[x] = weight * row[x] }
        } else {
            for x in 0..<width { line[x] += weight * row[x] }
        }
    }
}

extension Plane where Value == Float {
    /// A certainty at another size: the least certain of the pixels that each new one covers, so that nothing
    /// uncertain is lost when it shrinks; the nearest one when it grows.
    public func minimumResized(width: Int, height: Int, threads: Int = 0) -> Plane<Float> {
        if width == self.width && height == self.height { return self }
        let columns = (0..<width).map { covered($0, of: width, in: self.width) }
        return Plane(width: width, height: height) { target in
            values.withUnsafeBufferPointer { source in
                parallelRows(height, threads: threads) { rows in
                    for y in rows {
                        let sourceRows = covered(y, of: height, in: self.height)
                        for x in 0..<width {
                            var least = Float.infinity
                            for row in sourceRows {
                                for column in columns[x] { least = min(least, source[row * self.width + column]) }
                            }
                            target[y * width + x] = least
                        }
                    }
                }
            }
        }
    }
}

/// The source pixels that pixel `index` of `target` covers, at least one.
private func covered(_ index: Int, of target: Int, in source: Int) -> Range<Int> {
    if source <= target {
        let nearest = min((2 * index + 1) * source / (2 * target), source - 1)
        return nearest..<nearest + 1
    }
    return index * source / target..<((index + 1) * source + target - 1) / target
}
