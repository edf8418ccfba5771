import CKernels
import Synchronization

/// Interpolation when resampling.
public enum Resampling: Sendable {
    /// Linear interpolation.
    case linear
    /// Keys's cubic with a = -0.5 (Catmull-Rom): sharper, slight overshoot at edges.
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

/// Filter taps along one axis: the source samples and weights for each target sample.
///
/// Pixel centres are at half-integers. When shrinking, the kernel is widened by the ratio, so that every source sample
/// counts. Samples outside the image are dropped and the remaining weights normalised to 1.
package struct ResamplingTaps: Sendable {
    /// First source sample of each target sample; padded with zeros to a multiple of 8.
    package private(set) var first: [Int32] = []
    /// Number of source samples used.
    package private(set) var count: [Int32] = []
    /// `taps` weights for each of `first`, padded with zeros.
    package private(set) var weights: [Float] = []
    /// Taps per target sample; a multiple of 4.
    package let taps: Int
    /// With 4 taps: the weights as `kernel_interpolate_columns` takes them.
    private var grouped: [Float] = []
    /// Number of target samples.
    private let targetCount: Int

    package init(from source: Int, to target: Int, by resampling: Resampling) {
        self.init(
            from: source, to: target, by: resampling, ratio: Double(source) / Double(target), offset: 0)
    }

    /// - Parameters:
    ///   - ratio: source samples from one target sample to the next.
    ///   - offset: source samples by which the target samples are moved to the right.
    init(from source: Int, to target: Int, by resampling: Resampling, ratio: Double, offset: Double) {
        let key = Key(source: source, target: target, resampling: resampling, ratio: ratio, offset: offset)
        if let known = Self.cache.withLock({ $0[key] }) {
            self = known
            return
        }
        self.init(key)
        let taps = self
        Self.cache.withLock { cache in
            // A stream needs about a dozen.
            if cache.count >= 64 { cache.removeAll() }
            cache[key] = taps
        }
    }

    private struct Key: Hashable {
        let source: Int
        let target: Int
        let resampling: Resampling
        let ratio: Double
        let offset: Double
    }

    /// Computing taps takes as long as using them once.
    private static let cache = Mutex<[Key: ResamplingTaps]>([:])

    private init(_ key: Key) {
        let (source, target, resampling) = (key.source, key.target, key.resampling)
        let (ratio, offset) = (key.ratio, key.offset)
        targetCount = target
        let stretch = max(ratio, 1)
        let reach = resampling.support * stretch
        taps = (Int((2 * reach).rounded(.up)) + 3) / 4 * 4
        for index in 0..<target {
            let centre = (Double(index) + 0.5) * ratio + offset
            let low = min(max(Int((centre - reach + 0.5).rounded(.down)), 0), source - 1)
            // Rounding may give one more than `taps`, with a weight of 0.
            let high = max(min(Int(centre + reach + 0.5), source, low + taps), low + 1)
            let values = (low..<high).map { resampling.weight((Double($0) + 0.5 - centre) / stretch) }
            let sum = values.reduce(0, +)
            first.append(Int32(low))
            count.append(Int32(values.count))
            weights += values.map { Float(sum != 0 ? $0 / sum : $0) }
            weights += Array(repeating: 0, count: taps - values.count)
        }
        first += Array(repeating: 0, count: (8 - target % 8) % 8)
        weights += Array(repeating: 0, count: first.count * taps - weights.count)
        if taps == 4 {
            grouped = weights.indices.map { weights[$0 / 32 * 32 + $0 % 8 * 4 + $0 / 8 % 4] }
        }
    }

    /// Number of values behind a source row that are read.
    var padding: Int { max(taps, 8) }

    /// Resamples a row.
    ///
    /// - Parameters:
    ///   - line: the source samples and ``padding`` more, which do not count but must be finite.
    ///   - target: one value for each target sample.
    func apply(to line: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        if grouped.isEmpty {
            kernel_mix_columns(line, first, weights, Int32(taps), Int32(targetCount), target)
        } else {
            kernel_interpolate_columns(line, first, grouped, Int32(targetCount), target)
        }
    }
}

extension Image {
    /// Resizes the image: interpolates when enlarging, averages over each pixel's area when shrinking.
    public func resized(width: Int, height: Int, by resampling: Resampling = .cubic, threads: Int = 0) -> Image {
        if width == self.width && height == self.height { return self }
        let (before, after) = (
            rows(ofBatch: batchSize, height: self.height), rows(ofBatch: batchSize, height: height)
        )
        // Images without rows need no separation.
        let isBatch = before.count > 1 && after.count == before.count
        var result =
            isBatch
            ? resizedByImage(width: width, height: height, from: before, to: after, by: resampling, threads: threads)
            : resizedAsOne(width: width, height: height, by: resampling, threads: threads)
        result.batchSize = batchSize
        return result
    }

    private func resizedAsOne(width: Int, height: Int, by resampling: Resampling, threads: Int) -> Image {
        if width == self.width && height == self.height { return self }
        guard !samples.isEmpty else { return Image(width: width, height: height, channels: channels) }
        let (oldWidth, oldHeight) = (self.width, self.height)
        let vertical = ResamplingTaps(from: oldHeight, to: height, by: resampling)
        let horizontal = ResamplingTaps(from: oldWidth, to: width, by: resampling)
        return Image(width: width, height: height, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                parallelRows(channels * height, threads: threads) { rows in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: oldWidth + horizontal.padding) { line in
                        // Samples beyond the row have weight 0, but must be finite.
                        line.initialize(repeating: 0)
                        for row in rows {
                            let (channel, y) = row.quotientAndRemainder(dividingBy: height)
                            vertical.weights.withUnsafeBufferPointer { weights in
                                kernel_mix_rows(
                                    source + (channel * oldHeight + Int(vertical.first[y])) * oldWidth, oldWidth,
                                    weights.baseAddress.map { $0 + y * vertical.taps }, vertical.count[y],
                                    Int32(oldWidth), line.baseAddress)
                            }
                            if let line = line.baseAddress { horizontal.apply(to: line, into: target + row * width) }
                        }
                    }
                }
            }
        }
    }

    /// - Parameters:
    ///   - before, after: the rows of each image.
    private func resizedByImage(
        width: Int, height: Int, from before: [Range<Int>], to after: [Range<Int>], by resampling: Resampling,
        threads: Int
    ) -> Image {
        Image(width: width, height: height, channels: channels) { target in
            for (before, after) in zip(before, after) {
                let image = block(rows: before, threads: threads)
                    .resizedAsOne(width: width, height: after.count, by: resampling, threads: threads)
                let count = image.pixelCount
                for channel in 0..<channels {
                    let first = (channel * height + after.lowerBound) * width
                    _ = UnsafeMutableBufferPointer(rebasing: target[first..<first + count])
                        .update(fromContentsOf: image.samples[channel * count..<(channel + 1) * count])
                }
            }
        }
    }
}

extension Plane where Value == Float {
    /// Resizes a certainty plane: the minimum of the covered pixels when shrinking, so that no uncertain pixel is lost;
    /// the nearest pixel when enlarging.
    public func minimumResized(width: Int, height: Int, threads: Int = 0) -> Plane<Float> {
        if width == self.width && height == self.height { return self }
        let columns = (0..<width).map { covered($0, of: width, in: self.width) }
        let lines = coveredRows(height)
        let isEnlarged = columns.allSatisfy { $0.count == 1 } && lines.allSatisfy { $0.count == 1 }
        var result = Plane<Float>(width: width, height: height) { target in
            values.withUnsafeBufferPointer { source in
                parallelRows(height, threads: threads) { rows in
                    for y in rows {
                        let line = UnsafeMutableBufferPointer(rebasing: target[y * width..<(y + 1) * width])
                        if isEnlarged, y > rows.lowerBound, lines[y] == lines[y - 1] {
                            _ = line.update(fromContentsOf: target[(y - 1) * width..<y * width])
                            continue
                        }
                        for x in 0..<width {
                            var least = Float.infinity
                            for row in lines[y] {
                                for column in columns[x] { least = min(least, source[row * self.width + column]) }
                            }
                            line[x] = least
                        }
                    }
                }
            }
        }
        result.batchSize = batchSize
        return result
    }

    /// The source rows covered by each of `height` rows.
    private func coveredRows(_ height: Int) -> [Range<Int>] {
        let (before, after) = (
            rows(ofBatch: batchSize, height: self.height), rows(ofBatch: batchSize, height: height)
        )
        if before.count != after.count { return (0..<height).map { covered($0, of: height, in: self.height) } }
        return zip(before, after).flatMap { before, after in
            after.indices.map {
                let rows = covered($0 - after.lowerBound, of: after.count, in: before.count)
                return before.lowerBound + rows.lowerBound..<before.lowerBound + rows.upperBound
            }
        }
    }
}

/// The source pixels covered by pixel `index` of `target` pixels; at least one.
private func covered(_ index: Int, of target: Int, in source: Int) -> Range<Int> {
    if source <= target {
        let nearest = min((2 * index + 1) * source / (2 * target), source - 1)
        return nearest..<nearest + 1
    }
    return index * source / target..<((index + 1) * source + target - 1) / target
}
