import CKernels

/// Black bars around a picture of another aspect ratio. They stand still, whatever moves beside them; without texture any
/// motion fits, and their strokes would be torn.
struct BlackBars {
    /// Luma up to which a line of pixels counts as black.
    private static let black: Float = 24
    /// Largest difference of luma within a line.
    private static let spread: Float = 2

    /// The picture between the bars, in pixels of the frame.
    private let columns: Range<Int>
    private let rows: Range<Int>

    /// The bars that two frames have in common.
    ///
    /// - Precondition: the pyramids have one size.
    init(_ current: FlowPyramid, _ earlier: FlowPyramid) {
        let (levels, scale) = ([current.levels[0], earlier.levels[0]], 1 << current.finestScale)
        let (width, height) = (Int(levels[0].width), Int(levels[0].height))
        func isBlack(_ count: Int, _ pixel: (flow_level, Int) -> Float) -> Bool {
            levels.allSatisfy { level in
                let first = pixel(level, 0)
                return first <= Self.black && (1..<count).allSatisfy { abs(pixel(level, $0) - first) <= Self.spread }
            }
        }
        func isRowBlack(_ row: Int) -> Bool { isBlack(width) { $0.image[row * Int($0.stride) + $1] } }
        func isColumnBlack(_ column: Int) -> Bool { isBlack(height) { $0.image[$1 * Int($0.stride) + column] } }
        let top = (0..<height).first { !isRowBlack($0) } ?? height
        let bottom = (top..<height).last { !isRowBlack($0) }.map { $0 + 1 } ?? height
        let left = top < height ? (0..<width).first { !isColumnBlack($0) } ?? width : 0
        let right = (left..<width).last { !isColumnBlack($0) }.map { $0 + 1 } ?? width
        rows = top * scale..<(bottom == height ? max(current.height, top * scale) : bottom * scale)
        columns = left * scale..<(right == width ? max(current.width, left * scale) : right * scale)
    }

    /// Sets the flow of the bars to zero.
    func keepStill(_ pair: inout FlowPair) {
        keepStill(&pair.backward)
        keepStill(&pair.forward)
    }

    private func keepStill(_ flow: inout FlowField) {
        guard rows != 0..<flow.height || columns != 0..<flow.width else { return }
        for y in 0..<flow.height {
            for x in 0..<flow.width where !rows.contains(y) || !columns.contains(x) {
                flow.u[y * flow.width + x] = 0
                flow.v[y * flow.width + x] = 0
            }
        }
    }
}
