import Imaging
import Support

/// All that training changes of a network, as one flat vector.
///
/// The vector holds the tensors of the model's file in their order, with one difference: the last convolution's weights and
/// bias stand in it multiplied by ``colorReduction`` and, those of the gate, by ``gateReduction``. The network divides by them
/// again, so that what enters tanh is x / 256. Without that a step of Adam, which changes all
/// of the thousands of weights of an output by the same amount, would drive tanh to its ends at once.
public struct NetworkParameters: Sendable {
    /// One tensor's place.
    public struct Tensor: Sendable, Equatable {
        /// As in the model's file, for example `3.conv1.weight`.
        public let name: String
        public let shape: [Int]
        /// Where its values lie in `values`, the last dimension running fastest.
        public let range: Range<Int>
    }

    /// What the colours are divided by before tanh: a power of two, so that no bit is lost on the way to the model and back.
    public static let colorReduction: Float = 256
    /// What the gate's logit is divided by.
    public static let gateReduction: Float = 32

    public let description: ModelDescription
    public let tensors: [Tensor]
    public var values: [Float]

    /// How many values the description's tensors have.
    ///
    /// - Throws: an error if the architecture contradicts itself.
    package static func count(of description: ModelDescription) throws(ModelError) -> Int {
        try tensorShapes(of: description).reduce(0) { $0 + $1.shape.reduce(1, *) }
    }

    /// - Parameter values: as many as the description's tensors have, such as another instance's.
    /// - Throws: an error if the architecture contradicts itself, or there are more or fewer values.
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
            throw ModelError("\(values.count) parameters are not those of the architecture, which has \(count)")
        }
        self.tensors = tensors
        self.values = values
    }

    /// The start of a training. Weights and biases are drawn evenly from -1/sqrt(n) to 1/sqrt(n), n being the values that each
    /// output is the sum of; normalisations begin with scale 1 and shift 0. A gate begins half open everywhere: its weights are 0.
    ///
    /// - Throws: an error if the architecture contradicts itself.
    public init(random description: ModelDescription, seed: UInt64) throws(ModelError) {
        let count = try Self.count(of: description)
        try self.init(description: description, values: [Float](repeating: 0, count: count))
        var limit: Float = 0
        for (index, tensor) in tensors.enumerated() {
            var generator = SplitMix(seed: seed, index)
            if tensor.name.hasSuffix(".weight") {
                limit = 1 / Float(tensor.shape[1] * tensor.shape[2] * tensor.shape[3]).squareRoot()
            }
            for place in tensor.range {
                if tensor.name.hasSuffix(".scale") {
                    values[place] = 1
                } else if !tensor.name.hasSuffix(".shift"), !isOfGate(place, in: tensor) {
                    values[place] = (2 * generator.nextUnit() - 1) * limit
                }
            }
        }
    }

    /// The parameters of a model, to train on.
    ///
    /// - Throws: an error if the architecture contradicts itself, which that of a model read from a file does not.
    public init(_ model: Model) throws(ModelError) {
        try self.init(description: model.description, values: model.weights.flatMap(\.parameters))
        scaleLastLayer { $0 }
    }

    /// The parameters of another model for a network of the same layers. A gate is added, half open, or left out; inputs for
    /// prior and certainty are added with weights of 0, or left out.
    ///
    /// - Throws: an error that names the layer that differs.
    public init(description: ModelDescription, adapting other: Model) throws(ModelError) {
        let own = description.architecture
        let its = other.description.architecture
        guard own.layers.count == its.layers.count else {
            throw ModelError(
                "a network \"\(own)\" cannot start from one \"\(its)\": they have \(own.layers.count) and "
                    + "\(its.layers.count) layers")
        }
        let given = try NetworkParameters(other)
        try self.init(random: description, seed: 0)
        for (tensor, source) in zip(tensors, given.tensors) {
            guard let shared = Self.shared(tensor, source, isFirst: tensor == tensors.first, last: lastLayer) else {
                throw ModelError(
                    "a network \"\(own)\" cannot start from one \"\(its)\": its tensor \(tensor.name) has shape "
                        + "\(tensor.shape), the other's \(source.name) \(source.shape)")
            }
            for place in tensor.range { values[place] = 0 }
            for output in 0..<shared.outputs {
                let from = source.range.lowerBound + output * source.range.count / source.shape[0]
                let to = tensor.range.lowerBound + output * tensor.range.count / tensor.shape[0]
                for place in 0..<shared.values { values[to + place] = given.values[from + place] }
            }
        }
    }

    /// How much of two tensors is the same: outputs, and values of each; nil where they differ in what may not.
    private static func shared(
        _ own: Tensor, _ other: Tensor, isFirst: Bool, last: String
    ) -> (outputs: Int, values: Int)? {
        guard own.name == other.name, own.shape.count == other.shape.count else { return nil }
        var shape = own.shape
        if own.name.hasPrefix(last), own.shape[0] != other.shape[0] { shape[0] = other.shape[0] }
        if isFirst, own.shape[1] != other.shape[1] { shape[1] = other.shape[1] }
        guard shape == other.shape else { return nil }
        return (
            min(own.shape[0], other.shape[0]),
            min(own.range.count / own.shape[0], other.range.count / other.shape[0])
        )
    }

    /// The same, with `coherence` added to the gate's logit: above 0 more of the prior shows. Without a gate nothing changes.
    public func steadier(by coherence: Float) -> NetworkParameters {
        var result = self
        for tensor in tensors where tensor.name == lastLayer + "conv.bias" {
            for place in tensor.range where isOfGate(place, in: tensor) {
                result.values[place] += coherence * Self.gateReduction
            }
        }
        return result
    }

    /// The network with these parameters.
    ///
    /// - Throws: an error if a value is no number.
    public func model() throws(ModelError) -> Model { try Model(bytes: encoded()) }

    /// The bytes of the model's file, with the checksum.
    public func encoded() -> [UInt8] {
        var plain = self
        plain.scaleLastLayer { 1 / $0 }
        let named = plain.tensors.map { tensor in
            (
                name: tensor.name,
                tensor: SafeTensors.Tensor(shape: tensor.shape, values: Array(plain.values[tensor.range]))
            )
        }
        return SafeTensors.encode(named, metadata: description.metadata)
    }

    /// What a value in the vector is divided by on its way into the network: 1 but for the last convolution.
    func reduction(of place: Int, in tensor: Tensor) -> Float {
        guard tensor.name.hasPrefix(lastLayer) else { return 1 }
        return isOfGate(place, in: tensor) ? Self.gateReduction : Self.colorReduction
    }

    private var lastLayer: String { "\(description.architecture.layers.count - 1)." }

    private func isOfGate(_ place: Int, in tensor: Tensor) -> Bool {
        guard description.isGated, tensor.name.hasPrefix(lastLayer) else { return false }
        return (place - tensor.range.lowerBound) / (tensor.range.count / tensor.shape[0]) == 3
    }

    private mutating func scaleLastLayer(by factor: (Float) -> Float) {
        for tensor in tensors where tensor.name.hasPrefix(lastLayer) {
            for place in tensor.range { values[place] *= factor(reduction(of: place, in: tensor)) }
        }
    }
}

extension LayerWeights {
    /// All values, in the order of the file.
    fileprivate var parameters: [Float] {
        switch self {
        case .convolution(let only): only.parameters
        case .residual(let first, let second): first.parameters + second.parameters
        case .upsampling: []
        }
    }
}

extension ConvolutionWeights {
    fileprivate var parameters: [Float] { weight + bias + (norm.map { $0.scale + $0.shift } ?? []) }
}
