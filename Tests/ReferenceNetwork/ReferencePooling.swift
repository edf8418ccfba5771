/// 2x2 maximum pooling; an odd last row or column is ignored.
package struct ReferenceMaxPooling: ReferenceLayer {
    package init() {}

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        ReferenceTensor(pooling: input) { corner in
            var largest = input.values[corner]
            for position in input.quadruple(at: corner) where input.values[position] > largest {
                largest = input.values[position]
            }
            return largest
        }
    }

    /// The first maximum in row-major order gets the whole gradient.
    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        var result = ReferenceTensor(channels: input.channels, height: input.height, width: input.width)
        gradient.forEachCorner(in: input) { index, corner in
            var largest = corner
            for position in input.quadruple(at: corner) where input.values[position] > input.values[largest] {
                largest = position
            }
            result.values[largest] += gradient.values[index]
        }
        return result
    }
}

/// 2x2 average pooling; an odd last row or column is ignored.
package struct ReferenceAveragePooling: ReferenceLayer {
    package init() {}

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        ReferenceTensor(pooling: input) { corner in
            input.quadruple(at: corner).reduce(0) { $0 + input.values[$1] } / 4
        }
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        var result = ReferenceTensor(channels: input.channels, height: input.height, width: input.width)
        gradient.forEachCorner(in: input) { index, corner in
            for position in input.quadruple(at: corner) { result.values[position] += gradient.values[index] / 4 }
        }
        return result
    }
}

extension ReferenceTensor {
    fileprivate init(pooling input: ReferenceTensor, _ pool: (Int) -> Double) {
        self.init(channels: input.channels, height: input.height / 2, width: input.width / 2)
        var pooled = values
        forEachCorner(in: input) { index, corner in pooled[index] = pool(corner) }
        values = pooled
    }

    /// Calls `body` with the index of each value of this tensor, which is `input` pooled, and the index of the first of
    /// the four values in `input` that it was pooled from.
    fileprivate func forEachCorner(in input: ReferenceTensor, _ body: (Int, Int) -> Void) {
        for channel in 0..<channels {
            for y in 0..<height {
                for x in 0..<width {
                    body((channel * height + y) * width + x, (channel * input.height + 2 * y) * input.width + 2 * x)
                }
            }
        }
    }

    fileprivate func quadruple(at corner: Int) -> [Int] { [corner, corner + 1, corner + width, corner + width + 1] }
}
