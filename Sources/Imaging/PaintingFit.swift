import CKernels

/// A painting as a function of the luma of the frame that it was painted from: at each pixel an offset and, with a guide, a
/// slope for each component of the frame.
///
/// This is guided upsampling (He and Sun, *Fast Guided Filter*, 2015). The slope is fitted in a window around each pixel,
/// the offset at the pixel alone, so that no detail of the painting is lost. The memory is reused from painting to
/// painting.
struct PaintingFit {
    /// Variance of the guide at which the slope is halved: differences of luma below 8 are taken for noise.
    private static let regularization: Float = 64
    private static let radius = Int(KERNEL_GUIDE_RADIUS)

    /// Size of the painting.
    private(set) var width = 0
    private(set) var height = 0
    /// Whether there are slopes.
    private(set) var isGuided = false
    /// Three planes of offsets; if guided, three of slopes.
    private(set) var planes: [Float] = []

    /// - Parameters:
    ///   - painting: in network space.
    ///   - input: what the painting was painted from, in network space, of the same size; nil: no guide.
    ///   - colors: of the frame.
    mutating func update(_ painting: Image, from input: Image?, of colors: FrameColors, threads: Int) {
        let (width, height) = (painting.width, painting.height)
        self.width = width
        self.height = height
        isGuided = input.map { $0.width == width && $0.height == height } ?? false
        let count = painting.pixelCount
        let needed = (isGuided ? 6 : 3) * count
        if planes.count != needed {
            planes = Array(unsafeUninitializedCapacity: needed) { memory, initialized in
                useLargePages(UnsafeMutableRawBufferPointer(memory))
                memory.initialize(repeating: 0)
                initialized = needed
            }
        }
        let (map, guideMap) = (colors.fromNetworkSpace, colors.guideFromNetworkSpace)
        let guide = isGuided ? input : nil
        planes.withUnsafeMutableBufferPointer { planes in
            painting.samples.withUnsafeBufferPointer { painting in
                guard let target = planes.baseAddress, let painting = painting.baseAddress else { return }
                guard let guide else {
                    parallelRows(height, threads: threads) { rows in
                        let first = rows.lowerBound * width
                        kernel_map_planes(painting + first, count, map, target + first, count, rows.count * width)
                    }
                    return
                }
                guide.samples.withUnsafeBufferPointer { guide in
                    guard let guide = guide.baseAddress else { return }
                    parallelRows(height, threads: threads) { rows in
                        Self.fit(
                            rows, of: (width, height), painting: painting, by: map, guide: guide,
                            by: guideMap, into: target)
                    }
                }
            }
        }
    }

    /// Maps a few rows more than `rows` to the frame's components, and fits their offsets and slopes.
    private static func fit(
        _ rows: Range<Int>, of size: (width: Int, height: Int), painting: UnsafePointer<Float>,
        by map: kernel_affine_color, guide: UnsafePointer<Float>, by guideMap: kernel_affine_color,
        into target: UnsafeMutablePointer<Float>
    ) {
        let (width, count) = (size.width, size.width * size.height)
        let plane = (rows.count + 2 * radius) * width
        let capacity = 4 * plane + kernel_fit_scratch(Int32(width))
        withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { memory in
            guard let components = memory.baseAddress else { return }
            let luma = components + 3 * plane
            for (index, row) in (rows.lowerBound - radius..<rows.upperBound + radius).enumerated() {
                let source = min(max(row, 0), size.height - 1) * width
                kernel_map_planes(painting + source, count, map, components + index * width, plane, width)
                kernel_map_plane(guide + source, count, guideMap, luma + index * width, width)
            }
            let offsets = target + rows.lowerBound * width
            kernel_fit_guide(
                luma + radius * width, components + radius * width, plane, Int32(width), Int32(rows.count),
                regularization, luma + plane, offsets, offsets + 3 * count, count)
        }
    }
}

extension FrameColors {
    /// From network space to the guide, the first of three values: luma minus `KERNEL_GUIDE_CENTRE`.
    fileprivate var guideFromNetworkSpace: kernel_affine_color {
        var map = fromNetworkSpace
        if self == .rgb {
            // Luma by BT.601 of blue, green and red.
            let mean = NetworkSpace.mean
            map.matrix.0 = (0.114, 0.587, 0.299)
            map.offset.0 = 0.114 * mean.blue + 0.587 * mean.green + 0.299 * mean.red
        }
        map.offset.0 -= KERNEL_GUIDE_CENTRE
        return map
    }
}
