import CKernels
import Imaging

/// The overlap of a neighbour with a face, in the plane of the face (paper equation 22): a trapezoid along the shared
/// edge, between the ends of both extended faces.
struct FaceBorder: Sendable {
    /// The face that the border is sampled from.
    let neighbor: CubeFace
    /// Bounding box of the border on the face.
    let target: Area
    /// For each pixel of `target`: above 0 where the neighbour covers it, rising to 1 at the face's outer edge.
    private let depths: [Float]
    /// For each row of `target`: the pixels that the neighbour covers.
    private let reached: [Range<Int>]
    private let size: Int
    /// Bounding box of the sampled pixels in the neighbour's image.
    private let source: Area
    /// For each pixel of `target`: sampling position in `source`.
    private let positions: [sample_position]

    /// A rectangle of pixels.
    struct Area {
        var x: Range<Int>
        var y: Range<Int>
        var count: Int { x.count * y.count }
    }

    init(of neighbor: CubeFace, on face: CubeFace, size: Int, extent: Double) {
        self.neighbor = neighbor
        self.size = size
        let profile = OverlapProfile(extent: extent)
        func coordinate(_ pixel: Int) -> Double { (Double(2 * pixel + 1) / Double(size) - 1) * extent }

        // Beyond 1 / extent on the neighbour's side, the neighbour's extension covers the face.
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
        for y in target.y {
            for x in target.x {
                let ray = face.ray(u: coordinate(x), v: coordinate(y))
                let place = neighbor.place(of: ray) ?? (extent, extent)
                pixels.append(
                    (
                        x: (place.u / extent + 1) * Double(size) / 2 - 0.5,
                        y: (place.v / extent + 1) * Double(size) / 2 - 0.5
                    ))
                let isReached = max(abs(place.u), abs(place.v)) < extent
                depths.append(isReached ? Float(profile.depth(u: place.u, v: place.v)) : 0)
            }
        }
        self.target = target
        self.depths = depths
        reached = target.y.indices.map { y in
            let row = depths[
                (y - target.y.lowerBound) * target.x.count..<(y + 1 - target.y.lowerBound) * target.x.count]
            guard let first = row.firstIndex(where: { $0 > 0 }), let last = row.lastIndex(where: { $0 > 0 }) else {
                return 0..<0
            }
            return first - row.startIndex..<last + 1 - row.startIndex
        }

        // The bounding box of the positions, plus a margin of two pixels for cubic sampling.
        func range(_ values: [Double]) -> Range<Int> {
            let low = values.min() ?? 0
            let high = values.max() ?? 0
            return Int(low.rounded(.down)) - 2..<Int(high.rounded(.down)) + 4
        }
        let shown = zip(pixels, depths).filter { $0.1 > 0 }.map(\.0)
        let source = Area(x: range(shown.map(\.x)), y: range(shown.map(\.y)))
        self.source = source
        positions = pixels.map { pixel in
            // Pixels that are not covered have weight 0, but their positions must be valid.
            let across = Self.fixed(pixel.x, within: source.x)
            let down = Self.fixed(pixel.y, within: source.y)
            return sample_position(
                texel: Int32((down >> 16) * source.x.count + (across >> 16)), across: UInt16(across & 0xFFFF),
                down: UInt16(down & 0xFFFF))
        }
    }

    /// A position as fixed point with 16 fractional bits, relative to `range`, clamped to keep the margin.
    private static func fixed(_ value: Double, within range: Range<Int>) -> Int {
        let confined = min(max(value - Double(range.lowerBound), 2), Double(range.count - 3))
        return Int((confined * 65536).rounded())
    }

    /// Calls `body` for each covered pixel, with its index in `target`, its index on the face, and its depth.
    func forEachPixel(_ body: (_ number: Int, _ pixel: Int, _ depth: Float) -> Void) {
        for (row, y) in target.y.enumerated() {
            for x in reached[row] where depths[row * target.x.count + x] > 0 {
                let number = row * target.x.count + x
                body(number, y * size + target.x.lowerBound + x, depths[number])
            }
        }
    }

    /// Samples the border row by row, in parallel. Calls `body` with the index of a row's first pixel in `target` and
    /// on the face, the number of pixels, and `count` samples for each channel in turn.
    ///
    /// - Parameter scratch: buffer of ``texelCount`` texels.
    func forEachRow(
        of column: FaceColumn, scratch texels: UnsafeMutablePointer<SIMD4<Float>>, threads: Int,
        _ body: (_ number: Int, _ pixel: Int, _ count: Int, _ samples: UnsafePointer<Float>) -> Void
    ) {
        let channels = column.channels
        let width = target.x.count
        makeTexels(of: column, in: texels, threads: threads)
        let texels = UnsafeRawPointer(texels).assumingMemoryBound(to: Float.self)
        positions.withUnsafeBufferPointer { positions in
            guard let positions = positions.baseAddress else { return }
            parallelRows(target.y.count, threads: threads) { rows in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: channels * width) { samples in
                    guard let samples = samples.baseAddress else { return }
                    for row in rows where !reached[row].isEmpty {
                        let (first, count) = (row * width + reached[row].lowerBound, reached[row].count)
                        let line = kernel_remap_row(
                            positions: positions + first, blends: nil, width: Int32(count), blend_count: 0)
                        kernel_remap_floats(texels, source.x.count, line, Int32(channels), count, samples)
                        let x = target.x.lowerBound + reached[row].lowerBound
                        body(first, (target.y.lowerBound + row) * size + x, count, samples)
                    }
                }
            }
        }
    }

    /// Number of texels that the border is sampled from.
    var texelCount: Int { source.count }

    /// Copies the needed part of the neighbour's image; beyond its edges pixels are repeated.
    private func makeTexels(of column: FaceColumn, in texels: UnsafeMutablePointer<SIMD4<Float>>, threads: Int) {
        let width = source.x.count
        let top = neighbor.rawValue * size
        let last = size - 1
        let inner = max(source.x.lowerBound, 0)..<min(source.x.upperBound, size)
        /// A row of a channel; for missing channels any row, which is ignored.
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
