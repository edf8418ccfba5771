import CKernels
import Flow
import Imaging

/// Keeps the painting of what stands still.
///
/// The network changes a little of what it paints again. So the painting of a still scene would move on from the first
/// one. Where neither motion nor color has changed since an area was painted, its painting stays as it is.
struct StillAreas {
    /// Difference of a cell's color from that when it was painted, of 255, up to which it stands still, and from which on it
    /// does not.
    private static let difference: (low: Float, high: Float) = (2, 5)
    /// The same for the motion since the last frame, in pixels of the network's resolution.
    private static let motion: (low: Float, high: Float) = (0.15, 0.4)

    /// The last painting, in network space.
    private var painting: Image?
    /// The color of each cell when it was painted.
    private var colors: [SIMD4<Float>] = []

    /// Forgets the painting: the next frame does not continue it.
    mutating func removeAll() { painting = nil }

    /// What stays of the last painting in a frame; nil: there is none.
    ///
    /// - Parameters:
    ///   - frame: the network's input.
    ///   - flow: to the previous frame, at any resolution.
    func kept(in frame: Image, flow: FlowField, threads: Int) -> KeptPainting? {
        guard let painting, (painting.width, painting.height) == (frame.width, frame.height) else { return nil }
        let cells = CellGrid(frame)
        let now = cells.means(of: frame, threads: threads)
        let scale = SIMD2(Float(frame.width) / Float(flow.width), Float(frame.height) / Float(flow.height))
        var shares = Plane<Float>(width: cells.columns, height: cells.rows, repeating: 0)
        for index in now.indices {
            // The motion at the cell's centre.
            let x = (2 * (index % cells.columns) + 1) * flow.width / (2 * cells.columns)
            let y = (2 * (index / cells.columns) + 1) * flow.height / (2 * cells.rows)
            let step = SIMD2(flow.u[y * flow.width + x], flow.v[y * flow.width + x]) * scale
            let change = now[index] - colors[index]
            shares.values[index] =
                Self.share((step * step).sum().squareRoot(), Self.motion)
                * Self.share(max(abs(change.x), abs(change.y), abs(change.z)), Self.difference)
        }
        // What is beside something that moves does not stand still.
        shares = shares.minimumFiltered(size: 3, threads: threads)
        return KeptPainting(painting: painting, cells: cells, shares: shares.values, colors: now)
    }

    /// 1 up to the lower limit, 0 from the upper one on, and for what is not finite.
    private static func share(_ value: Float, _ limits: (low: Float, high: Float)) -> Float {
        let share = (limits.high - value) / (limits.high - limits.low)
        return share > 0 ? min(share, 1) : 0
    }

    /// Notes the painting of a frame, in which something was kept.
    mutating func note(_ painting: Image, of frame: Image, keeping kept: KeptPainting?, threads: Int) {
        if let kept {
            for (index, share) in kept.shares.enumerated() {
                colors[index] = kept.colors[index] + (colors[index] - kept.colors[index]) * share
            }
        } else {
            colors = CellGrid(frame).means(of: frame, threads: threads)
        }
        self.painting = painting
    }
}

/// Where a frame stands still, and what is painted there.
struct KeptPainting {
    fileprivate let painting: Image
    fileprivate let cells: CellGrid
    /// Of each cell: 1 where it stands still, 0 where it does not.
    fileprivate let shares: [Float]
    /// Of each cell in the frame.
    fileprivate let colors: [SIMD4<Float>]

    /// A new painting of the frame, with what is kept.
    func applied(to output: Image, threads: Int) -> Image {
        guard (output.width, output.height) == (painting.width, painting.height),
            shares.contains(where: { $0 > 0 })
        else { return output }
        let (width, height) = (output.width, output.height)
        return output.withSameShape { target in
            nonisolated(unsafe) let target = target
            cells.withInterpolated(shares, threads: threads) { shares in
                output.samples.withUnsafeBufferPointer { new in
                    painting.samples.withUnsafeBufferPointer { old in
                        parallelRows(height, threads: threads) { rows in
                            for channel in 0..<output.channels {
                                let plane = channel * width * height
                                for place in rows.lowerBound * width..<rows.upperBound * width {
                                    let before = new[plane + place]
                                    target[plane + place] = before + (old[plane + place] - before) * shares[place]
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Square cells over an image; those at the right and bottom may be cut.
private struct CellGrid {
    /// Side of a cell in pixels. Its mean has little noise.
    private static let side = Int(FLOW_CELL)

    let columns: Int
    let rows: Int
    private let width: Int
    private let height: Int

    init(_ image: Image) {
        (width, height) = (image.width, image.height)
        (columns, rows) = ((width + Self.side - 1) / Self.side, (height + Self.side - 1) / Self.side)
    }

    /// The mean color of each cell.
    func means(of image: Image, threads: Int) -> [SIMD4<Float>] {
        [SIMD4<Float>](unsafeUninitializedCapacity: columns * rows) { means, count in
            nonisolated(unsafe) let means = means
            let plane = width * height
            image.samples.withUnsafeBufferPointer { samples in
                parallelRows(rows, threads: threads) { rows in
                    for index in rows.lowerBound * columns..<rows.upperBound * columns {
                        let (left, top) = (index % columns * Self.side, index / columns * Self.side)
                        let (right, bottom) = (min(left + Self.side, width), min(top + Self.side, height))
                        var sum = SIMD4<Float>.zero
                        for y in top..<bottom {
                            for place in y * width + left..<y * width + right {
                                sum += SIMD4(samples[place], samples[place + plane], samples[place + 2 * plane], 0)
                            }
                        }
                        means.initializeElement(at: index, to: sum / Float((right - left) * (bottom - top)))
                    }
                }
            }
            count = columns * rows
        }
    }

    /// Calls a function with the value of each pixel, linearly between the cells' centres.
    func withInterpolated(_ values: [Float], threads: Int, _ body: (UnsafeBufferPointer<Float>) -> Void) {
        // A flow of 0 that is moved towards 1.
        let cells = values.map { SIMD4(1, 1, $0, 0) }
        var flow = [Float](repeating: 0, count: 2 * width * height)
        flow.withUnsafeMutableBufferPointer { [columns, rows, width, height] flow in
            guard let base = flow.baseAddress else { return }
            nonisolated(unsafe) let u = base
            nonisolated(unsafe) let v = base + width * height
            cells.withUnsafeBytes { cells in
                nonisolated(unsafe) let cells = cells.assumingMemoryBound(to: Float.self).baseAddress
                parallelRows(height, threads: threads) { lines in
                    kernel_blend_cells(
                        cells, Int32(columns), Int32(rows), u, v, Int32(width), Int32(lines.lowerBound),
                        Int32(lines.upperBound))
                }
            }
            body(UnsafeBufferPointer(start: u, count: width * height))
        }
    }
}
