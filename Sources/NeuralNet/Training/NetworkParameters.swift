import Imaging
import ModelFiles
import Support

/// The trainable parameters of a network as one flat vector.
///
/// The vector holds the tensors of the model file in their order. The last convolution's weights and bias are
/// multiplied by ``colorReduction``, those of the gate by ``gateReduction``. The network divides by these again, so
/// that the input of tanh is x / 256. Otherwise a step of Adam, which changes each of the thousands of weights of an
/// output by about the same amount, would saturate tanh at once.
public struct NetworkParameters: Sendable {
    /// One tensor of the vector.
    public struct Tensor: Sendable, Equatable {
        /// The name in the model file, for example `3.conv1.weight`.
        public let name: String
        /// As in the model file: [out, in, k, k] for weights, [out] for all others.
        public let shape: [Int]
        /// Its range in `values`, in row-major order.
        public let range: Range<Int>
    }

    /// The divisor of the colours before tanh. A power of two, so that the conversion to a model and back is exact.
    public static let colorReduction: Float = 256
    /// The divisor of the gate's logit.
    public static let gateReduction: Float = 32

    /// The network that the parameters belong to.
    public let description: ModelDescription
    /// The tensors in the order of the model file.
    public let tensors: [Tensor]
    /// The values of all tensors.
    public var values: [Float]

    /// The number of values for a description.
    ///
    /// - Throws: an error if the architecture is inconsistent.
    package static func count(of description: ModelDescription) throws(ModelError) -> Int {
        try tensorShapes(of: description).reduce(0) { $0 + $1.shape.reduce(1, *) }
    }

    /// - Parameter values: the vector, such as that of another instance.
    /// - Throws: an error if the architecture is inconsistent, or the number of values is wrong.
    public init(description: ModelDescription, values: [Float]) throws(ModelError) {
        self.description = description
        var tensors: [Tensor] = []
        var count = 0
        for (name, shape) in try tensorShapes(of: description) {
            let size = shape.reduce(1, *)
            tensors.append(Tensor(name: name, shape: shape, range: count..<count + size))
            count += size
        }
        guard values.count == count else {
            throw ModelError("\(values.count) parameters do not fit the architecture, which has \(count)")
        }
        self.tensors = tensors
        self.values = values
    }

    /// The initial parameters of a training run. Weights and biases are uniform in -1/sqrt(n)...1/sqrt(n), where n is
    /// the convolution's fan-in. Normalisations start with scale 1 and shift 0, and the gate with weights 0, so that it
    /// is 0.5.
    ///
    /// - Throws: an error if the architecture is inconsistent.
    public init(random description: ModelDescription, seed: UInt64) throws(ModelError) {
        let count = try Self.count(of: description)
        try self.init(description: description, values: [Float](repeating: 0, count: count))
        var limit: Float = 0
        for (index, tensor) in tensors.enumerated() {
            var generator = SplitMix(seed: seed, index)
            if tensor.name.hasSuffix(".weight") {
                limit = 1 / Float(tensor.shape[1] * tensor.shape[2] * tensor.shape[3]).squareRoot()
            }
            for position in tensor.range {
                if tensor.name.hasSuffix(".scale") {
                    values[position] = 1
                } else if !tensor.name.hasSuffix(".shift"), !isOfGate(position, in: tensor) {
                    values[position] = (2 * generator.nextUnit() - 1) * limit
                }
            }
        }
    }

    /// The parameters of a model, to continue its training.
    ///
    /// - Throws: an error if the architecture is inconsistent; that of a model from a file never is.
    public init(_ model: Model) throws(ModelError) {
        try self.init(
            description: model.description, values: model.weights.flatMap(\.convolutions).flatMap(\.parameters))
        scaleLastLayer { $0 }
    }

    /// The parameters of another model, for a network with the same layers. A missing gate or missing inputs for prior
    /// and certainty are added with weights of 0; additional ones are dropped.
    ///
    /// - Throws: an error that names the first difference.
    public init(description: ModelDescription, adapting other: Model) throws(ModelError) {
        let wanted = description.architecture
        let found = other.description.architecture
        guard wanted.layers.count == found.layers.count else {
            throw ModelError(
                "a network \"\(wanted)\" cannot start from one \"\(found)\": they have \(wanted.layers.count) and "
                    + "\(found.layers.count) layers")
        }
        let given = try NetworkParameters(other)
        try self.init(random: description, seed: 0)
        for (tensor, source) in zip(tensors, given.tensors) {
            guard let shared = Self.shared(tensor, source, isFirst: tensor == tensors.first, last: lastLayer) else {
                throw ModelError(
                    "a network \"\(wanted)\" cannot start from one \"\(found)\": its tensor \(tensor.name) has shape "
                        + "\(tensor.shape), the other's \(source.name) \(source.shape)")
            }
            for position in tensor.range { values[position] = 0 }
            for output in 0..<shared.outputs {
                let from = source.range.lowerBound + output * source.range.count / source.shape[0]
                let to = tensor.range.lowerBound + output * tensor.range.count / tensor.shape[0]
                for position in 0..<shared.values { values[to + position] = given.values[from + position] }
            }
        }
    }

    /// What two tensors have in common: outputs, and values per output; nil if they are not compatible.
    private static func shared(
        _ tensor: Tensor, _ source: Tensor, isFirst: Bool, last: String
    ) -> (outputs: Int, values: Int)? {
        guard tensor.name == source.name, tensor.shape.count == source.shape.count else { return nil }
        var shape = tensor.shape
        if tensor.name.hasPrefix(last), tensor.shape[0] != source.shape[0] { shape[0] = source.shape[0] }
        if isFirst, tensor.shape[1] != source.shape[1] { shape[1] = source.shape[1] }
        guard shape == source.shape else { return nil }
        return (
            min(tensor.shape[0], source.shape[0]),
            min(tensor.range.count / tensor.shape[0], source.range.count / source.shape[0])
        )
    }

    /// The parameters with `coherence` added to the gate's logit: above 0 more of the prior shows. Unchanged without a
    /// gate.
    public func addingGateBias(_ coherence: Float) -> NetworkParameters {
        var result = self
        for tensor in tensors where tensor.name == lastLayer + "conv.bias" {
            for position in tensor.range where isOfGate(position, in: tensor) {
                result.values[position] += coherence * Self.gateReduction
            }
        }
        return result
    }

    /// The model with these parameters.
    ///
    /// - Parameter texture: if the model's fill is `texture`.
    /// - Throws: an error if a value is not finite, or the texture is missing.
    public func model(texture: StyleTexture? = nil) throws(ModelError) -> Model {
        try Model(bytes: encoded(texture: texture))
    }

    /// The bytes of the model file, including the checksum.
    ///
    /// - Parameter texture: if the model's fill is `texture`.
    public func encoded(texture: StyleTexture? = nil) -> [UInt8] {
        let textures = texture.map { [StyleTexture.tensor(of: [$0], severalStyles: false)] } ?? []
        return SafeTensors.encode(namedTensors + textures, metadata: description.metadata)
    }

    /// The tensors of the model file.
    var namedTensors: [(name: String, tensor: SafeTensors.Tensor)] {
        var plain = self
        plain.scaleLastLayer { 1 / $0 }
        return plain.tensors.map { tensor in
            (
                name: tensor.name,
                tensor: SafeTensors.Tensor(shape: tensor.shape, values: Array(plain.values[tensor.range]))
            )
        }
    }

    /// The divisor of a value between the vector and the network: 1, except in the last convolution.
    func reduction(of position: Int, in tensor: Tensor) -> Float {
        guard tensor.name.hasPrefix(lastLayer) else { return 1 }
        return isOfGate(position, in: tensor) ? Self.gateReduction : Self.colorReduction
    }

    private var lastLayer: String { "\(description.architecture.layers.count - 1)." }

    private func isOfGate(_ position: Int, in tensor: Tensor) -> Bool {
        guard description.isGated, tensor.name.hasPrefix(lastLayer) else { return false }
        return (position - tensor.range.lowerBound) / (tensor.range.count / tensor.shape[0]) == 3
    }

    private mutating func scaleLastLayer(by factor: (Float) -> Float) {
        for tensor in tensors where tensor.name.hasPrefix(lastLayer) {
            for position in tensor.range { values[position] *= factor(reduction(of: position, in: tensor)) }
        }
    }
}

extension ConvolutionWeights {
    /// All values, in the order of the model file.
    fileprivate var parameters: [Float] { weight + bias + (norm.map { $0.scale + $0.shift } ?? []) }
}
