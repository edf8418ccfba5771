import ModelFiles
import Support

/// Imports VGG-16 or VGG-19 from a file of another program, ONNX or safetensors.
public struct LossNetworkImport: Sendable {
    /// The imported network.
    public let file: LossNetworkFile
    /// How the input normalisation was determined, as text for the user.
    public let inputReason: String

    package static let originalCredit =
        "CC BY 4.0: Karen Simonyan and Andrew Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition"

    private static let expected =
        "expected are the 13 convolutions of VGG-16 or the 16 of VGG-19, named as Keras (block1_conv1), Caffe (conv1_1), "
        + "torchvision and timm (features.0.weight) or the ONNX model zoo (vgg0_conv0_weight) name them"

    /// - Parameters:
    ///   - input: the input normalisation; nil: determined from known weights, else from the tensors' names.
    ///   - source: written to the metadata; nil: the file's name and SHA-256.
    ///   - digest: the expected SHA-256; nil: not checked.
    /// - Throws: an error with the path, what the file contains, and what is expected.
    public init(
        contentsOf path: String, input: LossNetworkInput? = nil, source: String? = nil, digest: String? = nil
    ) throws(ModelError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: SafeTensors.maximumFileLength) } catch { throw ModelError("\(error)") }
        do throws(ModelError) {
            let actual = sha256(bytes[...])
            if let digest, digest != actual {
                throw ModelError("is not the file it should be (SHA-256 \(actual), not \(digest)); download it again")
            }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            try self.init(bytes: bytes, input: input, source: source ?? "\(name), SHA-256 \(actual)")
        } catch {
            throw error.within(path)
        }
    }

    /// Imports the contents of a file.
    ///
    /// - Throws: an error that says what the bytes contain, and what is expected.
    public init(bytes: [UInt8], input: LossNetworkInput? = nil, source: String? = nil) throws(ModelError) {
        switch try WeightsFormat(bytes) {
        case .onnx:
            try self.init(ONNXWeights(bytes: bytes).tensors, input: input, license: nil, source: source)
        case .safeTensors:
            let names = try SafeTensors(bytes: bytes) { _ in false }
            if let kind = names.metadata["pentimento.kind"] {
                try self.init(native: SafeTensors(bytes: bytes), kind: kind, input: input)
                return
            }
            let file = try SafeTensors(bytes: bytes) { name in
                LossNetworkNames.allCases.contains { $0.layerIndex(of: name) != nil && !$0.isNormalization(name) }
                    && names.shapes[name]?.isEmpty == false
            }
            let references = file.shapes.map { name, shape in
                TensorReference(name: name, shape: shape) { () throws(ModelError) in file.tensors[name]?.values ?? [] }
            }
            try self.init(references, input: input, license: file.metadata["license"], source: source)
        }
    }

    /// A file in this program's native format.
    private init(native file: SafeTensors, kind: String, input: LossNetworkInput?) throws(ModelError) {
        guard kind == LossNetworkFile.kind else {
            throw ModelError("is a style (\(kind)) and no loss network; put it into the folder of models as it is")
        }
        self.file = try LossNetworkFile(file)
        if let input, input != self.file.input {
            throw ModelError("states that its input is \(self.file.input.rawValue); leave out --input")
        }
        inputReason = "as the file says"
    }

    private init(
        _ tensors: [TensorReference], input: LossNetworkInput?, license: String?, source: String?
    ) throws(ModelError) {
        let named = LossNetworkNames.allCases.first { names in
            tensors.contains { names.layerIndex(of: $0.name) != nil && $0.isWeight }
        }
        guard let names = named else { throw Self.unknown(tensors) }
        if let tensor = tensors.first(where: { names.isNormalization($0.name) }) {
            throw ModelError(
                "is a variant with batch normalisation (\"\(tensor.name)\"), whose activations have another scale; "
                    + "get the plain VGG-16 or VGG-19")
        }
        let tensorsByLayer = Dictionary(grouping: tensors.filter { names.layerIndex(of: $0.name) != nil }) {
            names.layerIndex(of: $0.name) ?? []
        }
        .filter { $0.value.contains(where: \.isWeight) }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        guard let kind = LossNetworkKind.allCases.first(where: { $0.layers.count == tensorsByLayer.count }) else {
            throw ModelError(
                "has \(tensorsByLayer.count) convolutions by \(names.description); \(Self.expected)")
        }
        var convolutions: [LossNetworkWeights.Convolution] = []
        var inputs = 3
        for (layer, candidates) in zip(kind.layers, tensorsByLayer) {
            let outputs = LossNetworkKind.channelsPerBlock[layer.block - 1]
            convolutions.append(
                try Self.convolution(of: candidates, before: layer, in: kind, outputs: outputs, inputs: inputs))
            inputs = outputs
        }

        let isOriginal = Self.isOriginal(convolutions[0], kind)
        let convention = input ?? (isOriginal ? .networkSpace : names.input)
        inputReason = input != nil ? "as asked for" : isOriginal ? "known weights" : "by \(names.description)"
        if convention == .unitRGB { convolutions[0] = convolutions[0].swappingOuterInputs }
        file = try LossNetworkFile(
            kind: kind, convolutions: convolutions, input: convention,
            license: license ?? (isOriginal ? Self.originalCredit : nil), source: source)
    }

    /// Makes one convolution from the tensors with its name.
    private static func convolution(
        of candidates: [TensorReference], before layer: LossLayer, in kind: LossNetworkKind, outputs: Int, inputs: Int
    ) throws(ModelError) -> LossNetworkWeights.Convolution {
        let weights = candidates.filter(\.isWeight)
        guard weights.count == 1 else {
            throw ModelError(
                "\(weights.map { "\"\($0.name)\"" }.joined(separator: " and ")) both could be the weights before \(layer)"
            )
        }
        let shape = weights[0].shape
        // TensorFlow's order, with the outputs last.
        let isTransposed = shape == [3, 3, inputs, outputs]
        guard isTransposed || shape == [outputs, inputs, 3, 3] else {
            throw ModelError(
                "\"\(weights[0].name)\" has shape \(shape), where \(kind) has [\(outputs), \(inputs), 3, 3]; \(expected)"
            )
        }
        // A bias may have additional dimensions of size 1.
        let biases = candidates.filter { !$0.isWeight && $0.shape.reduce(1, *) == outputs }
        guard biases.count == 1 else {
            throw ModelError(
                biases.isEmpty
                    ? "the \(outputs) biases that belong to \"\(weights[0].name)\" are missing"
                    : "\(biases.map { "\"\($0.name)\"" }.joined(separator: " and ")) both could be the biases before \(layer)"
            )
        }
        let values = try weights[0].values()
        return LossNetworkWeights.Convolution(
            outputs: outputs, inputs: inputs,
            weight: isTransposed ? outputsFirst(values, outputs: outputs, inputs: inputs) : values,
            bias: try biases[0].values())
    }

    private static func outputsFirst(_ values: [Float], outputs: Int, inputs: Int) -> [Float] {
        (0..<outputs * inputs * 9).map { index in
            let (output, rest) = index.quotientAndRemainder(dividingBy: inputs * 9)
            let (input, tap) = rest.quotientAndRemainder(dividingBy: 9)
            return values[(tap * inputs + input) * outputs + output]
        }
    }

    /// Whether this is the network of Simonyan and Zisserman, recognised by its published values.
    private static func isOriginal(_ first: LossNetworkWeights.Convolution, _ kind: LossNetworkKind) -> Bool {
        kind == .vgg16 && abs(first.weight[0] - 0.42947057) < 1e-6 && abs(first.bias[0] - 0.73429835) < 1e-6
    }

    private static func unknown(_ tensors: [TensorReference]) -> ModelError {
        let weights = tensors.filter(\.isWeight)
        let found: String
        if tensors.isEmpty {
            found = "holds no weights"
        } else if weights.isEmpty {
            found = "holds \(tensors.count) tensors and no convolution"
        } else {
            let some = weights.sorted { $0.name < $1.name }.prefix(3).map { "\"\($0.name)\" \($0.shape)" }
            found = "holds \(weights.count) convolutions of unknown names (\(some.joined(separator: ", ")))"
        }
        return ModelError("\(found); \(expected)")
    }
}

extension TensorReference {
    /// Whether this is the weight of a convolution, not a vector with additional dimensions.
    fileprivate var isWeight: Bool { shape.count == 4 && shape.filter { $0 != 1 }.count > 1 }
}

extension LossNetworkWeights.Convolution {
    /// Converts the input channels from RGB to BGR.
    fileprivate var swappingOuterInputs: Self {
        var swapped = weight
        for output in 0..<outputs {
            for tap in 0..<9 { swapped.swapAt(output * 27 + tap, output * 27 + 18 + tap) }
        }
        return Self(outputs: outputs, inputs: inputs, weight: swapped, bias: bias)
    }
}
