import CKernels

/// One component of a frame's pixels in memory: luma, one of chroma, or a color of packed pixels.
public struct FrameComponent {
    /// The first sample of the first row.
    public let base: UnsafeMutableRawPointer
    /// Bytes from one row to the next; may be negative.
    public let stride: Int
    /// Bytes from one sample to the next.
    public let step: Int
    /// Position of its samples in the frame, along x and y.
    public let columns: SampleGrid
    /// See ``columns``.
    public let rows: SampleGrid
    /// Bits of a value: 8, stored in a byte, or up to 16, stored in a little-endian word.
    public let bits: Int
    /// Unused bits of the word below the value.
    public let shift: Int

    /// - Parameters:
    ///   - stride: its magnitude is at least `columns.count * step`.
    ///   - bits: 8...16.
    public init(
        base: UnsafeMutableRawPointer, stride: Int, step: Int, columns: SampleGrid, rows: SampleGrid, bits: Int = 8,
        shift: Int = 0
    ) {
        self.base = base
        self.stride = stride
        self.step = step
        self.columns = columns
        self.rows = rows
        self.bits = bits
        self.shift = shift
    }

    /// The samples of the frame's rows in a range: subsampled rows that begin in it, at least one.
    func block(rows range: Range<Int>) -> FrameComponent {
        let first = min((range.lowerBound + rows.spacing - 1) / rows.spacing, rows.count - 1)
        return FrameComponent(
            base: base + first * stride, stride: stride, step: step, columns: columns,
            rows: SampleGrid(
                covering: range.count, spacing: rows.spacing, shift: rows.shift, most: rows.count - first),
            bits: bits, shift: shift)
    }

    var kernelComponent: kernel_component {
        kernel_component(
            base: base.assumingMemoryBound(to: UInt8.self), stride: stride, step: Int32(step),
            width: Int32(columns.count), height: Int32(rows.count), bits: Int32(bits), shift: Int32(shift))
    }

    /// Resizes the component and writes it in 8-bit levels to `target`, rows of `width` values.
    func resize(
        width: Int, height: Int, by resampling: Resampling, into target: UnsafeMutablePointer<Float>, threads: Int
    ) {
        resizedRows(width: width, height: height, by: resampling, threads: threads) { y, line in
            (target + y * width).update(from: line, count: width)
        }
    }

    /// Calls `body` with each row of the resized component, in 8-bit levels; concurrently, in no order.
    func resizedRows(
        width: Int, height: Int, by resampling: Resampling, threads: Int,
        _ body: (_ y: Int, _ line: UnsafeMutablePointer<Float>) -> Void
    ) {
        let horizontal = columns.taps(to: width, by: resampling)
        let vertical = rows.taps(to: height, by: resampling)
        let component = kernelComponent
        let isCopy = columns.isEvery && columns.count == width
        parallelRows(height, threads: threads) { rows in
            let padded = columns.count + horizontal.padding
            withUnsafeTemporaryAllocation(of: Float.self, capacity: padded + width) { scratch in
                // Samples beyond the row have weight 0, but must be finite.
                scratch.initialize(repeating: 0)
                guard let line = scratch.baseAddress else { return }
                vertical.weights.withUnsafeBufferPointer { weights in
                    for y in rows {
                        kernel_mix_component(
                            component, vertical.first[y], weights.baseAddress.map { $0 + y * vertical.taps },
                            vertical.count[y], line)
                        if isCopy {
                            body(y, line)
                        } else {
                            horizontal.apply(to: line, into: line + padded)
                            body(y, line + padded)
                        }
                    }
                }
            }
        }
    }
}

/// Where the samples of a component lie along one axis of a frame.
public struct SampleGrid: Sendable, Equatable {
    /// Number of samples.
    public let count: Int
    /// Pixels of the frame from one sample to the next: 1, or 2 and more where the component is subsampled.
    public let spacing: Int
    /// Position of the samples relative to the middle of the `spacing` pixels that they stand for, in pixels: -0.5 for a
    /// sample on the first of two.
    public let shift: Double
    /// Pixels of the frame.
    let length: Int

    /// Samples for `length` pixels; the last one may stand for fewer pixels.
    public init(covering length: Int, spacing: Int = 1, shift: Double = 0) {
        self.init(covering: length, spacing: spacing, shift: shift, most: .max)
    }

    /// - Parameter most: maximum number of samples.
    init(covering length: Int, spacing: Int, shift: Double, most: Int) {
        count = min((length + spacing - 1) / spacing, most)
        self.spacing = spacing
        self.shift = shift
        self.length = length
    }

    /// Whether there is a sample at every pixel.
    var isEvery: Bool { spacing == 1 && shift == 0 }

    /// Taps from these samples to `target` pixels that cover the frame.
    func taps(to target: Int, by resampling: Resampling) -> ResamplingTaps {
        let ratio = Double(length) / Double(target * spacing)
        return ResamplingTaps(
            from: count, to: target, by: resampling, ratio: ratio, offset: -shift / Double(spacing))
    }

    /// Taps from `source` pixels that cover the frame to these samples.
    func taps(from source: Int, by resampling: Resampling) -> ResamplingTaps {
        let ratio = Double(source) / Double(length)
        return ResamplingTaps(
            from: source, to: count, by: resampling, ratio: ratio * Double(spacing), offset: ratio * shift)
    }
}
