import NeuralNet

/// Gathering by index tables of rows and columns, which expresses padding, upsampling, cropping and zero insertion.
extension ReferenceTensor {
    /// The tensor whose value (y, x) is that at (`rows`[y], `columns`[x]); zero if either is -1.
    func gathered(rows: IndexMap, columns: IndexMap) -> ReferenceTensor {
        ReferenceTensor(channels: channels, height: rows.count, width: columns.count) { channel, plane in
            for (y, row) in rows.enumerated() where row >= 0 {
                for (x, column) in columns.enumerated() where column >= 0 {
                    plane[y * columns.count + x] = self[channel, Int(row), Int(column)]
                }
            }
        }
    }

    /// The transpose of `gathered`: each element is the sum of its copies.
    func scattered(rows: IndexMap, columns: IndexMap, height: Int, width: Int) -> ReferenceTensor {
        ReferenceTensor(channels: channels, height: height, width: width) { channel, plane in
            for (y, row) in rows.enumerated() where row >= 0 {
                for (x, column) in columns.enumerated() where column >= 0 {
                    plane[Int(row) * width + Int(column)] += self[channel, y, x]
                }
            }
        }
    }
}

/// A layer that only rearranges values, defined by index maps for rows and columns.
protocol ReferenceRearrangement: ReferenceLayer {
    /// For each element of an output row or column, the index in the input's, which has `length` elements; -1 for zero.
    func map(rows length: Int) -> IndexMap
    func map(columns length: Int) -> IndexMap
}

extension ReferenceRearrangement {
    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        input.gathered(rows: map(rows: input.height), columns: map(columns: input.width))
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        gradient.scattered(
            rows: map(rows: input.height), columns: map(columns: input.width), height: input.height, width: input.width)
    }
}

/// Padding by a margin on all sides.
package struct ReferencePadding: ReferenceRearrangement {
    package let mode: PaddingMode
    package let margin: Int

    package init(_ mode: PaddingMode, margin: Int) {
        self.mode = mode
        self.margin = margin
    }

    func map(rows length: Int) -> IndexMap { mode.map(length: length, before: margin, after: margin) }
    func map(columns length: Int) -> IndexMap { map(rows: length) }
}

/// Nearest-neighbour upsampling by `factor`.
package struct ReferenceUpsampling: ReferenceRearrangement {
    package let factor: Int

    package init(factor: Int) { self.factor = factor }

    func map(rows length: Int) -> IndexMap { (0..<length * factor).map { Int32($0 / factor) } }
    func map(columns length: Int) -> IndexMap { map(rows: length) }
}

/// The centre crop of the given size; if the margins differ, the one above or to the left is smaller.
package struct ReferenceCrop: ReferenceRearrangement {
    package let height: Int
    package let width: Int

    /// - Precondition: the input has at least this size.
    package init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    func map(rows length: Int) -> IndexMap { middle(height, of: length) }
    func map(columns length: Int) -> IndexMap { middle(width, of: length) }

    private func middle(_ count: Int, of length: Int) -> IndexMap {
        let before = (length - count) / 2
        return (before..<before + count).map(Int32.init)
    }
}

/// Rows and columns picked by explicit index tables, which fit only one input size.
package struct ReferenceGather: ReferenceRearrangement {
    let rows: IndexMap
    let columns: IndexMap

    func map(rows length: Int) -> IndexMap { rows }
    func map(columns length: Int) -> IndexMap { columns }
}
