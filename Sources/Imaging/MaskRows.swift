import CKernels

/// A mask's rows at the samples of a frame's components.
struct MaskRows {
    /// Of the frame's size; only read.
    private let levels: FrameComponent

    /// Calls `body` with the rows of a mask, which is brought to the frame's size; with nil if there is none.
    static func with(_ mask: Plane<UInt8>?, width: Int, height: Int, threads: Int, _ body: (MaskRows?) -> Void) {
        guard let mask, !mask.values.isEmpty else { return body(nil) }
        let fitting = mask.resized(width: width, height: height, threads: threads)
        fitting.values.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return body(nil) }
            body(
                MaskRows(
                    levels: FrameComponent(
                        base: UnsafeMutableRawPointer(mutating: base), stride: width, step: 1,
                        columns: SampleGrid(covering: width), rows: SampleGrid(covering: height))))
        }
    }

    /// Writes the mask at row `y` of a component to `target`, in 8-bit levels: for subsampled chroma, the mean over the
    /// pixels that each sample stands for.
    ///
    /// - Returns: `target`.
    func row(
        _ y: Int, columns: SampleGrid, rows: SampleGrid, into target: UnsafeMutablePointer<Float>?
    ) -> UnsafePointer<Float>? {
        guard let target else { return nil }
        levels.average(around: y, columns: columns, rows: rows, into: target)
        return UnsafePointer(target)
    }
}

extension FrameComponent {
    /// Its values in 8-bit levels, averaged over the pixels that each sample in row `y` of another component stands for.
    ///
    /// - Precondition: it has a sample for every pixel of the frame.
    func average(around y: Int, columns: SampleGrid, rows: SampleGrid, into target: UnsafeMutablePointer<Float>) {
        let first = y * rows.spacing
        let count = min(rows.spacing, self.rows.count - first)
        let width = self.columns.count
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width + count) { scratch in
            guard let line = scratch.baseAddress else { return }
            let weights = line + width
            weights.initialize(repeating: 1 / Float(count), count: count)
            kernel_mix_component(kernelComponent, Int32(first), weights, Int32(count), line)
            switch columns.spacing {
            case 1: target.update(from: line, count: width)
            case 2: kernel_average_pairs(line, Int32(width), target)
            case let spacing:
                for x in 0..<columns.count {
                    let pixels = x * spacing..<min((x + 1) * spacing, width)
                    target[x] = pixels.reduce(0) { $0 + line[$1] } / Float(pixels.count)
                }
            }
        }
    }
}
