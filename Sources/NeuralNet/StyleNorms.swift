import ModelFiles

/// The instance-norm parameters of every style of a network with several styles: conditional instance normalisation
/// (Dumoulin, Shlens and Kudlur 2017). All styles share the convolutions; scale and shift are each style's own.
///
/// In the file, each tensor `….norm….scale` or `.shift` of such a model has a row for each style.
struct StyleNorms: Sendable {
    /// Names of the tensors, in the order of the file, and their numbers of channels.
    let tensors: [(name: String, channels: Int)]
    /// All tensors' values of each style, one after the other.
    let values: [[Float]]

    /// Separates the styles of a file.
    ///
    /// - Parameter tensors: of the file; on return those of the first style alone, with the shapes of a model of one
    ///   style.
    /// - Throws: an error that names a tensor with another number of rows.
    init(
        of description: ModelDescription, in file: inout [String: SafeTensors.Tensor]
    ) throws(ModelError) {
        let count = description.styles.count
        var tensors: [(name: String, channels: Int)] = []
        var values = [[Float]](repeating: [], count: count)
        for (name, shape) in try tensorShapes(of: description) where Self.isNorm(name) {
            guard let tensor = file[name] else { continue }
            guard tensor.shape == [count] + shape else {
                throw ModelError(
                    "tensor \"\(name)\" has shape \(tensor.shape); \(count) styles ask for \([count] + shape)")
            }
            let channels = shape[0]
            for style in 0..<count { values[style] += tensor.values[style * channels..<(style + 1) * channels] }
            file[name] = SafeTensors.Tensor(shape: shape, values: Array(tensor.values[..<channels]))
            tensors.append((name, channels))
        }
        self.tensors = tensors
        self.values = values
    }

    /// The weighted sum of the styles' values.
    ///
    /// - Parameter shares: one for each style.
    func mixed(_ shares: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: values.first?.count ?? 0)
        for (style, share) in zip(values, shares) where share != 0 {
            for index in result.indices { result[index] += share * style[index] }
        }
        return result
    }

    static func isNorm(_ tensor: String) -> Bool { tensor.hasSuffix(".scale") || tensor.hasSuffix(".shift") }
}

extension Model {
    /// The names of the styles in the file; one name, or none, for a model of one style.
    public var styles: [String] {
        description.styles.isEmpty ? [description.style].compactMap { $0 } : description.styles
    }

    /// The model of one of the styles.
    ///
    /// - Throws: an error that lists the styles if there is none of this name.
    public func selecting(_ style: String) throws(ModelError) -> Model {
        let index = try index(ofStyle: style)
        return mixing(styles.indices.map { $0 == index ? 1 : 0 })
    }

    /// The index of a style in ``styles``.
    ///
    /// - Throws: an error that lists the styles if there is none of this name.
    package func index(ofStyle style: String) throws(ModelError) -> Int {
        guard let index = styles.firstIndex(of: style) else {
            throw ModelError(
                "there is no style \"\(style)\" in this model; it has \(styles.joined(separator: ", "))")
        }
        return index
    }

    /// A model of one style that blends the styles of this one.
    ///
    /// - Parameter shares: one for each style; usually they sum to 1.
    public func mixing(_ shares: [Float]) -> Model {
        guard let norms else { return self }
        let texture = StyleTexture.mixed(textures, shares)
        var rest = norms.mixed(shares)[...]
        func take(_ norm: (scale: [Float], shift: [Float])?) -> (scale: [Float], shift: [Float])? {
            guard let norm else { return nil }
            let (scale, shift) = (
                rest.prefix(norm.scale.count), rest.dropFirst(norm.scale.count).prefix(norm.shift.count)
            )
            rest = rest.dropFirst(norm.scale.count + norm.shift.count)
            return (Array(scale), Array(shift))
        }
        func replaced(_ weights: ConvolutionWeights) -> ConvolutionWeights {
            ConvolutionWeights(
                outputs: weights.outputs, inputs: weights.inputs, kernel: weights.kernel, weight: weights.weight,
                bias: weights.bias, norm: take(weights.norm))
        }
        var result = self
        result.texture = texture
        result.weights = weights.map { layer in
            switch layer {
            case .convolution(let only): return .convolution(replaced(only))
            case .residual(let first, let second):
                let first = replaced(first)
                return .residual(first, replaced(second))
            case .none: return .none
            }
        }
        return result
    }
}

/// The instance-norm parameters within a flat vector of ``NetworkParameters``: the values that differ between styles.
public struct NormRanges: Sendable, Equatable {
    private let ranges: [Range<Int>]
    /// Number of values.
    public let count: Int

    public init(_ parameters: NetworkParameters) {
        ranges = parameters.tensors.filter { StyleNorms.isNorm($0.name) }.map(\.range)
        count = ranges.reduce(0) { $0 + $1.count }
    }

    /// These values of a vector.
    public func values(in vector: [Float]) -> [Float] { ranges.flatMap { vector[$0] } }

    /// Replaces these values of a vector.
    ///
    /// - Precondition: `values` has ``count`` elements.
    public func store(_ values: [Float], in vector: inout [Float]) {
        precondition(values.count == count)
        var first = 0
        for range in ranges {
            vector.replaceSubrange(range, with: values[first..<first + range.count])
            first += range.count
        }
    }
}

extension NetworkParameters {
    /// The bytes of a model file with several styles, including the checksum.
    ///
    /// - Parameters:
    ///   - norms: the instance-norm parameters of each style of `description.styles`, as ``NormRanges`` gives them.
    ///   - textures: of each style, if the model's fill is `texture`; else empty.
    public func encoded(norms: [[Float]], textures: [StyleTexture] = []) -> [UInt8] {
        var first = 0
        var tensors = namedTensors.map { name, tensor in
            guard StyleNorms.isNorm(name) else { return (name: name, tensor: tensor) }
            let range = first..<first + tensor.values.count
            first = range.upperBound
            return (
                name: name,
                tensor: SafeTensors.Tensor(shape: [norms.count] + tensor.shape, values: norms.flatMap { $0[range] })
            )
        }
        if !textures.isEmpty { tensors.append(StyleTexture.tensor(of: textures, severalStyles: true)) }
        return SafeTensors.encode(tensors, metadata: description.metadata)
    }
}
