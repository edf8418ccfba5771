import CKernels
import Imaging

/// Where every pixel of a frame's pictures is taken from among the texels of another's: made once, used for every frame.
struct SphereMap: Sendable {
    let target: SpherePanels
    /// One for each pixel, picture after picture.
    private let places: [kernel_place]
    /// What is blended into them, row after row, and where each row's begin.
    private let blends: [kernel_blend]
    private let blendStarts: [Int]

    /// - Parameter isBlended: whether pictures of the source that overlap pass smoothly into each other; else each pixel comes
    ///   from one.
    init(from source: TexelPanels, to target: SpherePanels, isBlended: Bool, threads: Int) {
        self.target = target
        let (width, height) = (target.width, target.height)
        let rows = target.origins.count * height
        var blendsOfRows = [[kernel_blend]](repeating: [], count: rows)
        places = Array(unsafeUninitializedCapacity: rows * width) { places, count in
            count = rows * width
            let places = places
            blendsOfRows.withUnsafeMutableBufferPointer { blends in
                let blends = blends
                parallelRows(rows, threads: threads) { part in
                    for row in part {
                        let (panel, y) = row.quotientAndRemainder(dividingBy: height)
                        for x in 0..<width {
                            let ray = target.ray(panel: panel, x: Double(x), y: Double(y))
                            if isBlended {
                                places[row * width + x] = Self.place(
                                    of: ray, in: source, at: x, blends: &blends[row])
                            } else {
                                let place = source.panels.place(of: ray)
                                places[row * width + x] = source.place(panel: place.panel, x: place.x, y: place.y)
                            }
                        }
                    }
                }
                // What was not come to must not lead anywhere.
                if Cancellation.isRequested { places.update(repeating: kernel_place()) }
            }
        }
        blends = Array(blendsOfRows.joined())
        var starts = [0]
        for row in blendsOfRows { starts.append((starts.last ?? 0) + row.count) }
        blendStarts = starts
    }

    /// The first place of a ray; what is shown at the others is blended into it, one after the other.
    private static func place(
        of ray: Ray, in source: TexelPanels, at x: Int, blends: inout [kernel_blend]
    ) -> kernel_place {
        var first: kernel_place?
        var sum = 0.0
        source.panels.forEachPlace(of: ray) { panel, column, row, weight in
            let place = source.place(panel: panel, x: column, y: row)
            sum += weight
            guard first != nil else {
                first = place
                return
            }
            blends.append(kernel_blend(place: place, x: Int32(x), weight: Float(weight / sum)))
        }
        return first ?? source.place(panel: 0, x: 0, y: 0)
    }

    /// Calls `body` for each row of the target's pictures, on several threads: with its picture, its number there, and what it is
    /// made of, which is valid during the call only.
    func forEachRow(threads: Int, _ body: (_ panel: Int, _ y: Int, _ row: kernel_remap_row) -> Void) {
        places.withUnsafeBufferPointer { places in
            blends.withUnsafeBufferPointer { blends in
                guard let firstPlace = places.baseAddress else { return }
                parallelRows(target.origins.count * target.height, threads: threads) { part in
                    for row in part {
                        let (panel, y) = row.quotientAndRemainder(dividingBy: target.height)
                        let start = blendStarts[row]
                        body(
                            panel, y,
                            kernel_remap_row(
                                places: firstPlace + row * target.width,
                                blends: blends.baseAddress.map { $0 + start }, width: Int32(target.width),
                                blend_count: Int32(blendStarts[row + 1] - start)))
                    }
                }
            }
        }
    }
}
