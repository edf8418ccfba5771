/// Where each element of an extended row or column comes from: an index into the original, or -1 for zero.
///
/// Every kind of padding, and upsampling, is such a table, so that the convolutions know nothing of either.
typealias IndexMap = [Int32]

/// How a row or column is extended beyond its ends.
package enum Extension: Sendable {
    case zero
    /// Mirrored about the first and last element, which are not repeated; where it is too short for that, by repetition.
    case reflection
    /// By repetition of the first and last element.
    case repetition

    /// The map that extends `length` elements by `before` and `after`.
    func map(length: Int, before: Int, after: Int) -> IndexMap {
        let reflects = max(before, after) < length
        return (-before..<length + after).map { index in
            if 0..<length ~= index { return Int32(index) }
            switch self {
            case .zero: return -1
            case .reflection where reflects: return Int32(index < 0 ? -index : 2 * (length - 1) - index)
            case .reflection, .repetition: return Int32(index < 0 ? 0 : length - 1)
            }
        }
    }
}

extension Padding {
    /// What a convolution other than those of residual blocks sees beyond the border of its input; nil where it is not
    /// padded.
    var ofConvolutions: Extension? {
        switch self {
        case .reflectStart, .zero: .zero
        case .reflect: .reflection
        case .replicate: .repetition
        case .none: nil
        }
    }

    /// What the convolutions of residual blocks see; nil where they are not padded.
    var ofResiduals: Extension? {
        self == .reflectStart ? nil : ofConvolutions
    }
}

/// The sizes along one axis, horizontal or vertical, of a network that works on a frame of given length.
struct Extent: Equatable {
    /// How far the input is extended before the frame's first pixel.
    let before: Int
    /// For each element of the input, the pixel of the frame that stands there.
    let input: IndexMap
    /// The length of each layer's output.
    let lengths: [Int]

    /// - Throws: an error if the network gives a picture of another size than its frame's, or has too long a row or column between.
    init(frame: Int, description: ModelDescription) throws(ModelError) {
        let layers = description.architecture.layers
        let padding = description.padding
        let margin = try description.margin()
        let divisor = description.architecture.sizeDivisor
        let extended = (frame + divisor - 1) / divisor * divisor
        var total = extended + 2 * margin
        guard total + 8 * divisor <= 2 * PlanLimits.side else {
            throw ModelError("the architecture \"\(description.architecture)\" has to extend frames too far")
        }
        var lengths = Self.lengths(from: total, layers: layers, padding: padding)
        if padding == .none {
            // Unpadded strides round in ways of their own: a few more pixels may be needed.
            while total < extended + 2 * margin + 8 * divisor, lengths?.last ?? 0 < frame {
                total += 1
                lengths = Self.lengths(from: total, layers: layers, padding: padding)
            }
        }
        guard let lengths, let last = lengths.last, last >= frame, padding == .none || last == extended else {
            throw ModelError(
                "the architecture \"\(description.architecture)\" gives a picture of another size than its frame's")
        }
        for (index, length) in lengths.enumerated() where length > PlanLimits.side {
            let name = description.architecture.name(of: index)
            throw ModelError(
                "\(name) gives pictures of \(length) pixels a side; at most \(PlanLimits.side) are supported")
        }
        before = margin
        let toMultiple = Extension.reflection.map(length: frame, before: 0, after: extended - frame)
        let atStart = Extension.reflection.map(length: extended, before: margin, after: total - margin - extended)
        input = atStart.map { toMultiple[Int($0)] }
        self.lengths = lengths
    }

    /// The length of each layer's output for an input of `input` elements; nil if a convolution has not enough to see.
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
            }
            guard length > 0 else { return nil }
            // Far beyond any limit; whoever asked says so.
            length = min(length, 1 << 40)
            lengths.append(length)
        }
        return lengths
    }
}

extension ModelDescription {
    /// How many pixels of the input the unpadded convolutions take away on each side.
    fileprivate func margin() throws(ModelError) -> Int {
        // Pixels of the input to one of the layer, as a fraction.
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
            case .residual: break
            }
            let common = greatestCommonDivisor(numerator, denominator)
            numerator /= common
            denominator /= common
            guard numerator <= 64, denominator <= 64 else {
                throw ModelError("the architecture \"\(architecture)\" changes the resolution by more than 64 times")
            }
        }
        guard numerator == denominator else {
            throw ModelError("the architecture \"\(architecture)\" gives a picture of another size than its frame's")
        }
        return margin
    }
}

private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? first : greatestCommonDivisor(second, first % second)
}
