/// The layers of a feed-forward network, in the notation of the paper: `c9s1-32,d64,d128,R128,U2,c3s1-64,U2,c9s1-3`.
///
/// - `cXsY-N`: convolution with an X by X kernel, stride Y and N outputs; `cXsYdZ-N` with dilation Z (paper 5.1).
/// - `dN`: 3x3 convolution with stride 2.
/// - `RN`: residual block of two 3x3 convolutions; `RNdZ` with dilation Z.
/// - `UF`: nearest-neighbour upsampling by F.
/// - `BF`: bilinear upsampling by F, before a convolution of stride 1; only with `Padding.replicate`.
/// - `uN`: fractionally strided (transposed) 3x3 convolution that doubles width and height.
/// - `+N`: the sum with the output of layer N, counted from 0: a skip connection. It follows a convolution, and both
///   outputs have one shape. Skip connections are nested or apart.
///
/// Instance normalisation and ReLU follow every convolution but the last; no ReLU follows a sum, or precedes it.
public struct Architecture: Sendable, Equatable, CustomStringConvertible {
    /// One layer of the notation above.
    public enum Layer: Sendable, Equatable {
        case convolution(kernel: Int, stride: Int, dilation: Int, outputs: Int)
        case residual(channels: Int, dilation: Int)
        case upsampling(factor: Int)
        case bilinearUpsampling(factor: Int)
        case fractionalConvolution(outputs: Int)
        case sum(layer: Int)
    }

    /// From input to output.
    public let layers: [Layer]
    /// The string it was parsed from.
    public let description: String

    /// Far more than networks of this kind have, so that a damaged string cannot exhaust the memory.
    static let maximumLayers = 128
    static let maximumChannels = 2048

    /// - Throws: an error that names the layer that cannot be parsed.
    public init(parsing text: String) throws(ModelError) {
        var layers: [Layer] = []
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        guard words.count <= Self.maximumLayers else {
            throw ModelError("the architecture has \(words.count) layers; at most \(Self.maximumLayers) are supported")
        }
        for (index, word) in words.enumerated() {
            guard let layer = Self.layer(parsing: word) else {
                throw ModelError(
                    "layer \(index) of the architecture, \"\(word)\", is not one of cXsY-N, cXsYdZ-N, dN, RN, RNdZ, UF, BF, "
                        + "uN, +N with an odd kernel up to 31 and numbers in the supported range")
            }
            if case .sum(let source) = layer, !Self.canAdd(source, to: layers) {
                throw ModelError(
                    "layer \(index) of the architecture, \"\(word)\", adds no earlier convolution or residual block to a "
                        + "convolution, or its skip connection crosses another")
            }
            layers.append(layer)
        }
        self.layers = layers
        description = text
        guard outputChannels != nil else {
            throw ModelError("the architecture \"\(text)\" must end in a convolution")
        }
    }

    /// Whether the output of layer `source` can be added to that of the last of `layers`.
    private static func canAdd(_ source: Int, to layers: [Layer]) -> Bool {
        guard source < layers.count - 1, layers.last?.isConvolution == true else { return false }
        switch layers[source] {
        case .convolution, .fractionalConvolution, .residual: break
        default: return false
        }
        return layers.enumerated().allSatisfy { index, layer in
            guard case .sum(let other) = layer else { return true }
            return source > index || source < other
        }
    }

    /// The layers whose output is added later.
    var skipSources: Set<Int> {
        Set(layers.compactMap { if case .sum(let source) = $0 { source } else { nil } })
    }

    /// Output channels of the last layer; nil if it is not a convolution.
    public var outputChannels: Int? {
        switch layers.last {
        case .convolution(_, _, _, let outputs), .fractionalConvolution(let outputs): outputs
        default: nil
        }
    }

    /// The number that width and height must be divisible by so that no strided layer rounds: 4 for the usual networks.
    var sizeDivisor: Int {
        var scale = 1
        var divisor = 1
        for layer in layers {
            switch layer {
            case .convolution(_, let stride, _, _): scale = min(scale * stride, PlanLimits.side)
            case .upsampling(let factor), .bilinearUpsampling(let factor): scale = max(1, scale / factor)
            case .fractionalConvolution: scale = max(1, scale / 2)
            case .residual, .sum: break
            }
            divisor = max(divisor, scale)
        }
        return divisor
    }

    private static func layer(parsing word: Substring) -> Layer? {
        var scanner = Scanner(rest: word)
        switch scanner.letter() {
        case "c":
            guard let kernel = scanner.number(in: 1...31), kernel % 2 == 1, scanner.skip("s"),
                let stride = scanner.number(in: 1...8)
            else { return nil }
            var dilation = 1
            if scanner.skip("d") {
                guard let number = scanner.number(in: 1...64) else { return nil }
                dilation = number
            }
            guard scanner.skip("-"), let outputs = scanner.number(in: 1...maximumChannels), scanner.isAtEnd else {
                return nil
            }
            return .convolution(kernel: kernel, stride: stride, dilation: dilation, outputs: outputs)
        case "d":
            guard let outputs = scanner.number(in: 1...maximumChannels), scanner.isAtEnd else { return nil }
            return .convolution(kernel: 3, stride: 2, dilation: 1, outputs: outputs)
        case "R":
            guard let channels = scanner.number(in: 1...maximumChannels) else { return nil }
            var dilation = 1
            if scanner.skip("d") {
                guard let number = scanner.number(in: 1...64) else { return nil }
                dilation = number
            }
            return scanner.isAtEnd ? .residual(channels: channels, dilation: dilation) : nil
        case "U":
            guard let factor = scanner.number(in: 1...8), scanner.isAtEnd else { return nil }
            return .upsampling(factor: factor)
        case "B":
            guard let factor = scanner.number(in: 1...8), scanner.isAtEnd else { return nil }
            return .bilinearUpsampling(factor: factor)
        case "+":
            guard let layer = scanner.number(in: 0...maximumLayers), scanner.isAtEnd else { return nil }
            return .sum(layer: layer)
        case "u":
            guard let outputs = scanner.number(in: 1...maximumChannels), scanner.isAtEnd else { return nil }
            return .fractionalConvolution(outputs: outputs)
        default:
            return nil
        }
    }

    private struct Scanner {
        var rest: Substring

        var isAtEnd: Bool { rest.isEmpty }

        mutating func letter() -> Character? { rest.popFirst() }

        mutating func skip(_ letter: Character) -> Bool {
            guard rest.first == letter else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(in range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let value = Int(digits), range.contains(value) else { return nil }
            rest.removeFirst(digits.count)
            return value
        }
    }
}

extension Architecture.Layer {
    /// Whether the layer is a single convolution.
    fileprivate var isConvolution: Bool {
        switch self {
        case .convolution, .fractionalConvolution: true
        default: false
        }
    }
}
