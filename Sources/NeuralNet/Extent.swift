/// The sizes of a network's input and layers along one axis, for a given frame width or height.
package struct Extent: Equatable {
    /// Pixels of padding before the frame's first pixel.
    let before: Int
    /// For each element of the network's input, the index of its frame pixel.
    package let input: IndexMap
    /// The length of each layer's output.
    let lengths: [Int]

    /// - Throws: an error if the output cannot have the frame's size, or a layer exceeds `PlanLimits.side`.
    package init(frame: Int, description: ModelDescription) throws(ModelError) {
        let layers = description.architecture.layers
        let padding = description.padding
        let margin = try description.margin()
        let divisor = description.architecture.sizeDivisor
        let padded = (frame + divisor - 1) / divisor * divisor
        var total = padded + 2 * margin
        guard total + 8 * divisor <= 2 * PlanLimits.side else {
            throw ModelError("the architecture \"\(description.architecture)\" needs too much padding")
        }
        var lengths = Self.lengths(from: total, layers: layers, padding: padding)
        if padding == .none {
            // Strides without padding round down: a few more pixels may be needed.
            while total < padded + 2 * margin + 8 * divisor, lengths?.last ?? 0 < frame {
                total += 1
                lengths = Self.lengths(from: total, layers: layers, padding: padding)
            }
        }
        guard let lengths, let last = lengths.last, last >= frame, padding == .none || last == padded else {
            throw ModelError(
                "the output of the architecture \"\(description.architecture)\" does not have the frame's size")
        }
        for (index, length) in lengths.enumerated() where length > PlanLimits.side {
            let name = description.architecture.name(of: index)
            throw ModelError(
                "\(name) has outputs of \(length) pixels a side; at most \(PlanLimits.side) are supported")
        }
        before = margin
        let toMultiple = PaddingMode.reflect.map(length: frame, before: 0, after: padded - frame)
        let atStart = PaddingMode.reflect.map(length: padded, before: margin, after: total - margin - padded)
        input = atStart.map { toMultiple[Int($0)] }
        self.lengths = lengths
    }

    /// The length of each layer's output for an input of `input` elements; nil if an input is smaller than its kernel.
    private static func lengths(from input: Int, layers: [Architecture.Layer], padding: Padding) -> [Int]? {
        var length = input
        var lengths: [Int] = []
        for layer in layers {
            switch layer {
            case .convolution(let kernel, let stride, let dilation, _):
                let missing = padding.ofConvolutions == nil ? dilation * (kernel - 1) : 0
                guard length > missing else { return nil }
                length = (length - missing - 1) / stride + 1
            case .residual(_, let dilation):
                if padding.ofResiduals == nil { length -= 4 * dilation }
            case .upsampling(let factor), .bilinearUpsampling(let factor): length *= factor
            case .fractionalConvolution: length *= 2
            case .sum(let source): guard lengths[source] == length else { return nil }
            }
            guard length > 0 else { return nil }
            // Prevents overflow. The caller rejects lengths above its limit.
            length = min(length, 1 << 40)
            lengths.append(length)
        }
        return lengths
    }
}

extension ModelDescription {
    /// How many input pixels the unpadded convolutions crop on each side.
    fileprivate func margin() throws(ModelError) -> Int {
        // Input pixels per pixel of the current layer, as a fraction.
        var numerator = 1
        var denominator = 1
        var margin = 0
        for layer in architecture.layers {
            var missing = 0
            switch layer {
            case .convolution(let kernel, _, let dilation, _):
                if padding.ofConvolutions == nil { missing = dilation * (kernel - 1) / 2 }
            case .residual(_, let dilation):
                if padding.ofResiduals == nil { missing = 2 * dilation }
            default: break
            }
            guard missing * numerator % denominator == 0 else {
                throw ModelError(
                    "the architecture \"\(architecture)\" needs padding by a fraction of a pixel; pad it by zero")
            }
            margin += missing * numerator / denominator
            switch layer {
            case .convolution(_, let stride, _, _): numerator *= stride
            case .upsampling(let factor), .bilinearUpsampling(let factor): denominator *= factor
            case .fractionalConvolution: denominator *= 2
            case .residual, .sum: break
            }
            let common = greatestCommonDivisor(numerator, denominator)
            numerator /= common
            denominator /= common
            guard numerator <= 64, denominator <= 64 else {
                throw ModelError("the architecture \"\(architecture)\" changes the resolution by more than 64 times")
            }
        }
        guard numerator == denominator else {
            throw ModelError("the output of the architecture \"\(architecture)\" does not have the frame's size")
        }
        return margin
    }
}

private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? first : greatestCommonDivisor(second, first % second)
}
