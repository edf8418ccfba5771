import CKernels

/// A level with memory of its own.
final class FlowLevel {
    let level: UnsafeMutablePointer<flow_level>
    private let planes: [UnsafeMutablePointer<Float>]
    private let tensors: UnsafeMutablePointer<flow_tensor>

    init(width: Int, height: Int, step: Int = 4) {
        let (margin, border) = (Int(FLOW_MARGIN), Int(FLOW_BORDER))
        let stride = (width + 15) / 16 * 16 + 2 * margin
        let count = stride * (height + 2 * border)
        planes = (0..<3).map { _ in
            let plane = UnsafeMutablePointer<Float>.allocate(capacity: count)
            plane.initialize(repeating: 0, count: count)
            return plane
        }
        let columns = 1 + max(0, width - 8 + step - 1) / step
        let rows = 1 + max(0, height - 8 + step - 1) / step
        tensors = .allocate(capacity: columns * rows)
        let origin = border * stride + margin
        level = .allocate(capacity: 1)
        level.initialize(
            to: flow_level(
                width: Int32(width), height: Int32(height), stride: Int32(stride), image: planes[0] + origin,
                gradient_x: planes[1] + origin, gradient_y: planes[2] + origin, columns: Int32(columns),
                rows: Int32(rows), step: Int32(step), tensors: tensors))
    }

    deinit {
        for plane in planes { plane.deallocate() }
        tensors.deallocate()
        level.deallocate()
    }

    func fill(_ luma: [UInt8], width: Int, height: Int, shift: Int) {
        let rows = level.pointee.height
        flow_reduce_luma(luma, Int32(width), Int32(height), Int32(shift), level, 0, rows)
        flow_pad(level, 0, rows)
        flow_gradients(level, 0, rows)
        flow_tensors(level, 0, level.pointee.rows)
    }

    /// The image at integer positions, with replicated edges.
    func pixel(_ x: Int, _ y: Int) -> Double {
        let (x, y) = (min(max(x, 0), Int(level.pointee.width) - 1), min(max(y, 0), Int(level.pointee.height) - 1))
        return Double(level.pointee.image[y * Int(level.pointee.stride) + x])
    }

    func sample(_ x: Double, _ y: Double) -> Double {
        let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
        let (s, t) = (x - Double(left), y - Double(top))
        return (1 - t) * ((1 - s) * pixel(left, top) + s * pixel(left + 1, top))
            + t * ((1 - s) * pixel(left, top + 1) + s * pixel(left + 1, top + 1))
    }
}
