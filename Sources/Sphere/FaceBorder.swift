import CKernels
import Imaging

/// The border of one face in the plane of its neighbour (paper equation 22): a trapezoid beside the edge that they share, from
/// where the one face ends to where the other does.
struct FaceBorder: Sendable {
    /// The face whose border it is.
    let neighbor: CubeFace
    private let size: Int
    /// The part of the plane that holds it, and the part of the neighbour's picture that it is made of.
    private let target: Area
    private let source: Area
    /// For each pixel of `target`, as texels of `source`.
    private let places: [kernel_place]
    /// For each pixel of `target`: above 0 where the neighbour reaches, 1 where the face ends itself.
    private let depths: [Float]

    /// Pixels of a picture.
    private struct Area {
        var x: Range<Int>
        var y: Range<Int>
        var count: Int { x.count * y.count }
    }

    init(of neighbor: CubeFace, on face: CubeFace, size: Int, extent: Double) {
        self.neighbor = neighbor
        self.size = size
        let profile = OverlapProfile(extent: extent)
        func coordinate(_ pixel: Int) -> Double { (Double(2 * pixel + 1) / Double(size) - 1) * extent }

        // Only what lies beyond 1 / extent on the neighbour's side is seen by it.
        let strip = (0..<size).filter { coordinate($0) > 1 / extent }
        let width = strip.count
        let target: Area =
            switch face.edge(to: neighbor) {
            case .left: Area(x: 0..<width, y: 0..<size)
            case .top: Area(x: 0..<size, y: 0..<width)
            case .bottom: Area(x: 0..<size, y: size - width..<size)
            default: Area(x: size - width..<size, y: 0..<size)
            }
        var pixels: [(x: Double, y: Double)] = []
        var depths: [Float] = []
        var reached: [(x: Double, y: Double)] = []
        for y in target.y {
            for x in target.x {
                let ray = face.ray(u: coordinate(x), v: coordinate(y))
                let place = neighbor.place(of: ray) ?? (extent, extent)
                let pixel = (
                    x: (place.u / extent + 1) * Double(size) / 2 - 0.5,
                    y: (place.v / extent + 1) * Double(size) / 2 - 0.5
                )
                let isReached = max(abs(place.u), abs(place.v)) < extent
                depths.append(isReached ? Float(profile.depth(u: place.u, v: place.v)) : 0)
                pixels.append(pixel)
                if isReached { reached.append(pixel) }
            }
        }
        self.target = target
        self.depths = depths

        // What the places need, two pixels more on each side for cubic sampling.
        func range(_ values: [Double]) -> Range<Int> {
            let low = values.min() ?? 0
            let high = values.max() ?? 0
            return Int(low.rounded(.down)) - 2..<Int(high.rounded(.down)) + 4
        }
        let source = Area(x: range(reached.map(\.x)), y: range(reached.map(\.y)))
        self.source = source
        places = pixels.map { pixel in
            // Those that are not reached do not count, but must lie within.
            let across = Self.fixed(pixel.x, within: source.x)
            let down = Self.fixed(pixel.y, within: source.y)
            return kernel_place(
                texel: Int32((down >> 16) * source.x.count + (across >> 16)), across: UInt16(across & 0xFFFF),
                down: UInt16(down & 0xFFFF))
        }
    }

    /// A place in 65536ths of a pixel, counted from the first pixel of `range` and with its margin around it.
    private static func fixed(_ value: Double, within range: Range<Int>) -> Int {
        let confined = min(max(value - Double(range.lowerBound), 2), Double(range.count - 3))
        return Int((confined * 65536).rounded())
    }

    /// Adds what the neighbour shows, times a weight, to the planes of `sum`, and the weights; certainty becomes the greater one.
    func add(to known: KnownPixels, from column: FaceColumn, softness: Float, threads: Int) {
        let channels = column.channels
        let width = target.x.count
        let texels = texels(of: column, threads: threads)
        texels.withUnsafeBytes { texels in
            places.withUnsafeBufferPointer { places in
                depths.withUnsafeBufferPointer { depths in
                    guard let texels = texels.assumingMemoryBound(to: Float.self).baseAddress,
                        let places = places.baseAddress
                    else { return }
                    parallelRows(target.y.count, threads: threads) { rows in
                        withUnsafeTemporaryAllocation(of: Float.self, capacity: channels * width) { samples in
                            guard let sampled = samples.baseAddress else { return }
                            for row in rows {
                                let line = kernel_remap_row(
                                    places: places + row * width, blends: nil, width: Int32(width), blend_count: 0)
                                kernel_remap_floats(texels, source.x.count, line, Int32(channels), width, sampled)
                                add(sampled, channels, row: row, depths: depths, to: known, softness: softness)
                            }
                        }
                    }
                }
            }
        }
    }

    /// A row of `target`: `samples` are those of one channel after the other.
    private func add(
        _ samples: UnsafePointer<Float>, _ channels: Int, row: Int, depths: UnsafeBufferPointer<Float>,
        to known: KnownPixels, softness: Float
    ) {
        let width = target.x.count
        let first = (target.y.lowerBound + row) * size + target.x.lowerBound
        for x in 0..<width where depths[row * width + x] > 0 {
            let depth = depths[row * width + x]
            // Everywhere above 0, so that what is only just reached is known too.
            let weight = smoothStep(depth) + 1e-4
            known.weights[first + x] += weight
            let rise = softness > 0 ? smoothStep(min(depth / softness, 1)) : 1
            known.certainty[first + x] = max(known.certainty[first + x], rise)
            for channel in 0..<channels {
                known.sum[channel * size * size + first + x] += weight * samples[channel * width + x]
            }
        }
    }

    /// The part of the neighbour's picture that is needed; beyond its edges they are repeated.
    private func texels(of column: FaceColumn, threads: Int) -> [SIMD4<Float>] {
        let width = source.x.count
        let top = neighbor.rawValue * size
        let last = size - 1
        let inner = max(source.x.lowerBound, 0)..<min(source.x.upperBound, size)
        return Array(unsafeUninitializedCapacity: source.count) { texels, count in
            count = source.count
            guard let texels = texels.baseAddress else { return }
            /// A row of a channel; of one that is not there any, for it is not looked at.
            func line(_ channel: Int, _ y: Int) -> UnsafePointer<Float> {
                column.samples + min(channel, column.channels - 1) * column.plane + (top + y) * size
            }
            parallelRows(source.y.count, threads: threads) { rows in
                for row in rows {
                    let y = min(max(source.y.lowerBound + row, 0), last)
                    let (a, b, c, d) = (line(0, y), line(1, y), line(2, y), line(3, y))
                    let target = texels + row * width - source.x.lowerBound
                    for x in inner { target[x] = SIMD4(a[x], b[x], c[x], d[x]) }
                    for x in source.x.lowerBound..<inner.lowerBound { target[x] = target[inner.lowerBound] }
                    for x in inner.upperBound..<source.x.upperBound { target[x] = target[inner.upperBound - 1] }
                }
            }
        }
    }
}

/// What is known of a face so far: planes of sums, weights and certainty.
struct KnownPixels {
    let sum: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>
    let certainty: UnsafeMutablePointer<Float>
}
