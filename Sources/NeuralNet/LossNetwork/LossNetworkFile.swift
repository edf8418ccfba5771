import ModelFiles

/// The input normalisation that a loss network was trained with.
public enum LossNetworkInput: String, CaseIterable, Sendable {
    /// Network space: blue, green and red in 0...255 minus the mean. Used by the original network and by Keras and
    /// Caffe.
    case networkSpace = "bgr-vgg"
    /// Red, green and blue in 0...1, normalised by ImageNet's mean and standard deviation. Used by torchvision, timm
    /// and the ONNX model zoo.
    case unitRGB = "rgb-unit"

    /// ImageNet's mean and standard deviation of blue, green and red in 0...1, as rounded by torchvision.
    private static let unitMean: [Double] = [0.406, 0.456, 0.485]
    private static let unitDeviation: [Double] = [0.225, 0.224, 0.229]
    /// The mean that network space subtracts (``Imaging/NetworkSpace/mean``), blue first.
    private static let networkMean: [Double] = [103.939, 116.779, 123.68]

    /// The factors from network space to the network's input, for blue, green and red.
    public var scale: [Float] {
        switch self {
        case .networkSpace: [1, 1, 1]
        case .unitRGB: Self.unitDeviation.map { Float(1 / (255 * $0)) }
        }
    }

    /// The offsets that are added after multiplying by `scale`.
    public var shift: [Float] {
        switch self {
        case .networkSpace: [0, 0, 0]
        case .unitRGB: (0..<3).map { Float((Self.networkMean[$0] / 255 - Self.unitMean[$0]) / Self.unitDeviation[$0]) }
        }
    }
}

/// A loss network in a `.safetensors` file.
///
/// The tensors are `conv1_1.weight` [outputs, inputs, 3, 3] and `conv1_1.bias` for each convolution, with input
/// channels blue, green, red. The metadata are `pentimento.kind` = `loss-network`, `network`, `input`, `checksum`,
/// `license`, `source`.
public struct LossNetworkFile: Sendable {
    /// The value of `pentimento.kind`.
    public static let kind = "loss-network"

    /// Their input scale and shift are those of `input`.
    public let weights: LossNetworkWeights
    /// The input normalisation.
    public let input: LossNetworkInput
    /// The authors and the license of the weights.
    public let license: String?
    /// The file that the weights were imported from.
    public let source: String?

    /// - Throws: an error if the convolutions are not those of the network kind.
    public init(
        kind: LossNetworkKind, convolutions: [LossNetworkWeights.Convolution], input: LossNetworkInput,
        license: String? = nil, source: String? = nil, checksum: String = ""
    ) throws(ModelError) {
        weights = try LossNetworkWeights(
            kind: kind, convolutions: convolutions, inputScale: input.scale, inputShift: input.shift, checksum: checksum
        )
        self.input = input
        self.license = license
        self.source = source
    }

    /// Reads a file.
    ///
    /// - Throws: an error with the path, what is wrong with the file, and what to do.
    public init(contentsOf path: String) throws(ModelError) {
        let file = try SafeTensors(contentsOf: path)
        do {
            try self.init(file)
        } catch {
            throw error.within(path)
        }
    }

    /// Checks the metadata and tensors of a file.
    ///
    /// - Throws: an error that says what is wrong, and what to do.
    public init(_ file: SafeTensors) throws(ModelError) {
        guard let kindName = file.metadata["pentimento.kind"] else {
            throw ModelError(
                "is not a loss network file of Pentimento; `pentimento models import FILE` converts VGG-16 or VGG-19")
        }
        guard kindName == Self.kind else {
            throw ModelError("is a model of the kind \"\(kindName)\" and no loss network")
        }
        if let stated = file.metadata["checksum"], stated.lowercased() != file.checksum {
            throw ModelError("the checksum does not match the weights; the file is damaged: fetch or import it again")
        }
        let network: LossNetworkKind = try Self.known("network", in: file.metadata)
        let input: LossNetworkInput = try Self.known("input", in: file.metadata)
        var convolutions: [LossNetworkWeights.Convolution] = []
        var names: Set<String> = []
        for layer in network.layers {
            let (weightName, biasName) = Self.tensorNames(of: layer)
            names.formUnion([weightName, biasName])
            guard let weight = file.tensors[weightName], let bias = file.tensors[biasName] else {
                throw ModelError("tensor \"\(file.tensors[weightName] == nil ? weightName : biasName)\" is missing")
            }
            guard weight.shape.count == 4, weight.shape[2...] == [3, 3] else {
                throw ModelError("tensor \"\(weightName)\" has shape \(weight.shape), not [outputs, inputs, 3, 3]")
            }
            convolutions.append(
                LossNetworkWeights.Convolution(
                    outputs: weight.shape[0], inputs: weight.shape[1], weight: weight.values, bias: bias.values))
        }
        if let stranger = file.tensors.keys.filter({ !names.contains($0) }).min() {
            throw ModelError("tensor \"\(stranger)\" belongs to no layer of \(network)")
        }
        try self.init(
            kind: network, convolutions: convolutions, input: input, license: file.metadata["license"],
            source: file.metadata["source"], checksum: file.checksum)
    }

    /// Writes the file atomically.
    ///
    /// - Throws: an error with the path and the cause.
    public func write(to path: String) throws(ModelError) {
        var metadata = [
            "pentimento.kind": Self.kind, "network": weights.kind.rawValue, "input": input.rawValue,
        ]
        metadata["license"] = license
        metadata["source"] = source
        let tensors = zip(weights.kind.layers, weights.convolutions).flatMap { layer, convolution in
            let names = Self.tensorNames(of: layer)
            let shape = [convolution.outputs, convolution.inputs, 3, 3]
            return [
                (names.weight, SafeTensors.Tensor(shape: shape, values: convolution.weight)),
                (names.bias, SafeTensors.Tensor(shape: [convolution.outputs], values: convolution.bias)),
            ]
        }
        try SafeTensors.write(tensors.map { (name: $0.0, tensor: $0.1) }, metadata: metadata, to: path)
    }

    private static func tensorNames(of layer: LossLayer) -> (weight: String, bias: String) {
        let name = "conv\(layer.block)_\(layer.convolution)"
        return ("\(name).weight", "\(name).bias")
    }

    private static func known<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String, in metadata: [String: String]
    ) throws(ModelError) -> Value {
        guard let text = metadata[key], let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw ModelError(
                "the metadata \"\(key)\" is \(metadata[key].map { "\"\($0)\"" } ?? "missing"); known: \(known)")
        }
        return value
    }
}

extension LossNetworkWeights {
    /// Reads a file that `pentimento models fetch` or `models import` wrote.
    ///
    /// - Throws: an error with the path, what is wrong with the file, and what to do.
    public init(contentsOf path: String) throws(ModelError) {
        self = try LossNetworkFile(contentsOf: path).weights
    }
}
