/// The input seen through tables of rows and columns: padding, upsampling, cropping and putting zeros between are all
/// that.
extension PlainTensor {
    /// Value (y, x) is what stands at (`rows`[y], `columns`[x]) here; zero where either is -1.
    func gathered(rows: IndexMap, columns: IndexMap) -> PlainTensor {
        PlainTensor(channels: channels, height: rows.count, width: columns.count) { channel, plane in
            for (y, row) in rows.enumerated() where row >= 0 {
                for (x, column) in columns.enumerated() where column >= 0 {
                    plane[y * columns.count + x] = self[channel, Int(row), Int(column)]
                }
            }
        }
    }

    /// The transpose of `gathered`: each place gets the sum of what was made of it.
    func scattered(rows: IndexMap, columns: IndexMap, height: Int, width: Int) -> PlainTensor {
        PlainTensor(channels: channels, height: height, width: width) { channel, plane in
            for (y, row) in rows.enumerated() where row >= 0 {
                for (x, column) in columns.enumerated() where column >= 0 {
                    plane[Int(row) * width + Int(column)] += self[channel, y, x]
                }
            }
        }
    }
}

/// Any layer that only moves values: what it makes of a row or column of some length says all of it.
protocol PlainRearrangement: PlainLayer {
    /// For each element of an output row or column, the place in the input's, which has `length`; -1 for zero.
    func map(rows length: Int) -> IndexMap
    func map(columns length: Int) -> IndexMap
}

extension PlainRearrangement {
    package func forward(_ input: PlainTensor) -> PlainTensor {
        input.gathered(rows: map(rows: input.height), columns: map(columns: input.width))
    }

    package func backward(_ gradient: PlainTensor, input: PlainTensor) -> PlainTensor {
        gradient.scattered(
            rows: map(rows: input.height), columns: map(columns: input.width), height: input.height, width: input.width)
    }
}

/// The input with a margin around it.
package struct PlainPadding: PlainRearrangement {
    package let outside: Extension
    package let margin: Int

    package init(_ outside: Extension, margin: Int) {
        self.outside = outside
        self.margin = margin
    }

    func map(rows length: Int) -> IndexMap { outside.map(length: length, before: margin, after: margin) }
    func map(columns length: Int) -> IndexMap { map(rows: length) }
}

/// Nearest-neighbour upsampling: each value becomes a square of `factor` times `factor`.
package struct PlainUpsampling: PlainRearrangement {
    package let factor: Int

    package init(factor: Int) { self.factor = factor }

    func map(rows length: Int) -> IndexMap { (0..<length * factor).map { Int32($0 / factor) } }
    func map(columns length: Int) -> IndexMap { map(rows: length) }
}

/// The middle of the input, of the given size; where the margins differ the one before is the smaller.
package struct PlainCrop: PlainRearrangement {
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

/// The input extended as tables made for its size say.
package struct PlainExtension: PlainRearrangement {
    let rows: IndexMap
    let columns: IndexMap

    func map(rows length: Int) -> IndexMap { rows }
    func map(columns length: Int) -> IndexMap { columns }
}
