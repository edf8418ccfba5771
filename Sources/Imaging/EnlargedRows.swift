import CKernels

/// Rows of planes that are resized by cubic interpolation while they are used, so that they are never in memory as a
/// whole.
struct EnlargedRows {
    private let fit: PaintingFit
    private let planes: [Int]
    private let width: Int
    private let horizontal: ResamplingTaps
    private let vertical: ResamplingTaps

    /// - Parameters:
    ///   - planes: those that are used, in this order.
    ///   - columns, rows: the samples of the frame that they are resized to.
    init(of fit: PaintingFit, planes: some Sequence<Int>, columns: SampleGrid, rows: SampleGrid) {
        self.fit = fit
        self.planes = Array(planes)
        width = columns.count
        horizontal = columns.taps(from: fit.width, by: .cubic)
        vertical = rows.taps(from: fit.height, by: .cubic)
    }

    /// Calls `body` with each row in a range, in order: a line of each plane, one behind the other.
    func forEach(in rows: Range<Int>, _ body: (_ y: Int, _ lines: UnsafeMutablePointer<Float>) -> Void) {
        let reach = vertical.taps
        let padded = fit.width + horizontal.padding
        let lineCount = planes.count
        let capacity = padded + (reach + 1) * lineCount * width
        withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { scratch in
            withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: reach) { sources in
                guard let line = scratch.baseAddress, let sources = sources.baseAddress else { return }
                // Samples beyond the row have weight 0, but must be finite.
                line.initialize(repeating: 0, count: padded)
                let results = line + padded
                // The latest rows of the planes, at the frame's width: row r is at r modulo `reach`.
                let kept = results + lineCount * width
                var end = 0
                for y in rows {
                    let (first, count) = (Int(vertical.first[y]), Int(vertical.count[y]))
                    for row in max(first, end)..<max(first + count, end) {
                        widen(row, by: line, into: kept + row % reach * lineCount * width)
                    }
                    end = max(end, first + count)
                    for plane in 0..<lineCount {
                        for index in 0..<count {
                            (sources + index).initialize(
                                to: UnsafePointer(kept + ((first + index) % reach * lineCount + plane) * width))
                        }
                        vertical.weights.withUnsafeBufferPointer { weights in
                            kernel_mix_lines(
                                sources, weights.baseAddress.map { $0 + y * vertical.taps }, Int32(count),
                                Int32(width), results + plane * width)
                        }
                    }
                    body(y, results)
                }
            }
        }
    }

    /// Resizes one row of each plane to the frame's width.
    private func widen(_ row: Int, by line: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        fit.planes.withUnsafeBufferPointer { samples in
            guard let samples = samples.baseAddress else { return }
            for (index, plane) in planes.enumerated() {
                line.update(from: samples + (plane * fit.height + row) * fit.width, count: fit.width)
                horizontal.apply(to: line, into: target + index * width)
            }
        }
    }
}
