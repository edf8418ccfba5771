import CKernels
import Imaging

/// A resampling map between two layouts: the sampling position of every target pixel among the source's texels. Made
/// once, used for every frame.
struct SphereMap: Sendable {
    let target: SpherePanels
    /// One per pixel, image after image.
    private let positions: [sample_position]
    /// Samples of overlapping faces to blend in, row after row, and the index of each row's first one.
    private let blends: [kernel_blend]
    private let blendStarts: [Int]

    /// - Parameter isBlended: whether overlapping source images are cross-faded; otherwise each pixel is sampled from
    ///   one image.
    init(from source: TexelPanels, to target: SpherePanels, isBlended: Bool, threads: Int) {
        self.target = target
        let (width, height) = (target.width, target.height)
        let rows = target.origins.count * height
        var blendsOfRows = [[kernel_blend]](repeating: [], count: rows)
        positions = Array(unsafeUninitializedCapacity: rows * width) { positions, count in
            count = rows * width
            let positions = positions
            blendsOfRows.withUnsafeMutableBufferPointer { blends in
                let blends = blends
                parallelRows(rows, threads: threads) { part in
                    for row in part {
                        let (panel, y) = row.quotientAndRemainder(dividingBy: height)
                        for x in 0..<width {
                            let ray = target.ray(panel: panel, x: Double(x), y: Double(y))
                            if isBlended {
                                positions[row * width + x] = Self.place(
                                    of: ray, in: source, at: x, blends: &blends[row])
                            } else {
                                let place = source.panels.place(of: ray)
                                positions[row * width + x] = source.place(panel: place.panel, x: place.x, y: place.y)
                            }
                        }
                    }
                }
                // After a cancellation, entries that were not computed must still be valid.
                if Cancellation.isRequested { positions.update(repeating: sample_position()) }
            }
        }
        blends = Array(blendsOfRows.joined())
        var starts = [0]
        for row in blendsOfRows { starts.append((starts.last ?? 0) + row.count) }
        blendStarts = starts
    }

    /// The first sampling position of a ray; samples at the others are blended in one by one.
    private static func place(
        of ray: Ray, in source: TexelPanels, at x: Int, blends: inout [kernel_blend]
    ) -> sample_position {
        var first: sample_position?
        var sum = 0.0
        source.panels.forEachPlace(of: ray) { panel, column, row, weight in
            let position = source.place(panel: panel, x: column, y: row)
            sum += weight
            guard first != nil else {
                first = position
                return
            }
            blends.append(kernel_blend(position: position, x: Int32(x), weight: Float(weight / sum)))
        }
        return first ?? source.place(panel: 0, x: 0, y: 0)
    }

    /// Calls `body` for each row of the target's images, in parallel, with the image's index, the row's number in it,
    /// and its map, which is only valid during the call.
    func forEachRow(threads: Int, _ body: (_ panel: Int, _ y: Int, _ row: kernel_remap_row) -> Void) {
        positions.withUnsafeBufferPointer { positions in
            blends.withUnsafeBufferPointer { blends in
                guard let firstPosition = positions.baseAddress else { return }
                parallelRows(target.origins.count * target.height, threads: threads) { part in
                    for row in part {
                        let (panel, y) = row.quotientAndRemainder(dividingBy: target.height)
                        let start = blendStarts[row]
                        body(
                            panel, y,
                            kernel_remap_row(
                                positions: firstPosition + row * target.width,
                                blends: blends.baseAddress.map { $0 + start }, width: Int32(target.width),
                                blend_count: Int32(blendStarts[row + 1] - start)))
                    }
                }
            }
        }
    }
}
