import Imaging
import ModelFiles
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// VGG-16 and VGG-19 from other programs' files.
@Suite struct LossNetworkImportTests {
    private typealias Initializer = ONNXWriter.Initializer

    /// The tensors of random weights under another program's names.
    private static func tensors(
        _ kind: LossNetworkKind, weights: LossNetworkWeights, _ name: (LossLayer, Int) -> (weight: String, bias: String)
    ) -> [Initializer] {
        zip(kind.layers, weights.convolutions).enumerated().flatMap { index, pair in
            let (layer, convolution) = pair
            let names = name(layer, index)
            return [
                Initializer(names.weight, [convolution.outputs, convolution.inputs, 3, 3], convolution.weight),
                Initializer(names.bias, [convolution.outputs], convolution.bias),
            ]
        }
    }

    private static func keras(_ layer: LossLayer, _ index: Int) -> (weight: String, bias: String) {
        let name = "functional_1/block\(layer.block)_conv\(layer.convolution)_1"
        return ("\(name)/convolution/ReadVariableOp:0", "\(name)/Squeeze:0")
    }

    private static func caffe(_ layer: LossLayer, _ index: Int) -> (weight: String, bias: String) {
        ("conv\(layer.block)_\(layer.convolution)_W", "conv\(layer.block)_\(layer.convolution)_b")
    }

    /// The index in torchvision's sequence of convolutions, their ReLUs, and a pooling after each block.
    private static func torchvision(_ layer: LossLayer, _ index: Int) -> (weight: String, bias: String) {
        let number = 2 * index + layer.block - 1
        return ("features.\(number).weight", "features.\(number).bias")
    }

    private static func zoo(_ layer: LossLayer, _ index: Int) -> (weight: String, bias: String) {
        ("vgg0_conv\(index)_weight", "vgg0_conv\(index)_bias")
    }

    private static func safeTensors(_ tensors: [Initializer], metadata: [String: String] = ["format": "pt"]) -> [UInt8]
    {
        SafeTensors.encode(
            tensors.map { ($0.name, SafeTensors.Tensor(shape: $0.shape, values: $0.values)) }, metadata: metadata)
    }

    private func expect(_ found: LossNetworkImport, is weights: LossNetworkWeights) {
        #expect(found.file.weights.kind == weights.kind)
        for (one, other) in zip(found.file.weights.convolutions, weights.convolutions) {
            #expect(one.weight == other.weight && one.bias == other.bias)
        }
    }

    @Test func kerasNamesInONNX() throws {
        let weights = try LossNetworkWeights.random(.vgg16)
        let head = Initializer("functional_1/batch_normalization_1/batchnorm/mul:0", [4], [1, 2, 3, 4])
        let tensors = [head] + Self.tensors(.vgg16, weights: weights, Self.keras).reversed()
        let found = try LossNetworkImport(bytes: ONNXWriter.model(tensors), source: "test")
        expect(found, is: weights)
        #expect(found.file.input == .networkSpace)
        #expect(found.inputReason.contains("Keras"))
        #expect(found.file.source == "test")
        #expect(found.file.license == nil)
    }

    @Test func theModelZoosNamesInONNX() throws {
        let weights = try LossNetworkWeights.random(.vgg19)
        var tensors = Self.tensors(.vgg19, weights: weights, Self.zoo)
        tensors.append(Initializer("vgg0_dense0_weight", [2, 2], [1, 2, 3, 4]))
        for index in tensors.indices { tensors[index].isPacked = index % 2 == 0 }
        let found = try LossNetworkImport(bytes: ONNXWriter.model(tensors), input: .networkSpace)
        expect(found, is: weights)
        #expect(found.inputReason == "as asked for")
        #expect(try LossNetworkImport(bytes: ONNXWriter.model(tensors)).file.input == .unitRGB)
    }

    @Test func caffeNamesInSafetensorsAndOurOwn() throws {
        let weights = try LossNetworkWeights.random(.vgg19)
        let found = try LossNetworkImport(bytes: Self.safeTensors(Self.tensors(.vgg19, weights: weights, Self.caffe)))
        expect(found, is: weights)
        #expect(found.file.input == .networkSpace)
        let own = Self.safeTensors(
            Self.tensors(.vgg19, weights: weights) { layer, _ in
                ("conv\(layer.block)_\(layer.convolution).weight", "conv\(layer.block)_\(layer.convolution).bias")
            }, metadata: ["pentimento.kind": "loss-network", "network": "vgg19", "input": "rgb-unit"])
        let again = try LossNetworkImport(bytes: own)
        expect(again, is: weights)
        #expect(again.file.input == .unitRGB)
    }

    /// TensorFlow keeps weights as [3, 3, inputs, outputs].
    @Test func kernelsWithOutputsLast() throws {
        let weights = try LossNetworkWeights.random()
        var tensors = Self.tensors(.vgg16, weights: weights) { layer, _ in
            let name = "vgg16/block\(layer.block)_conv\(layer.convolution)"
            return ("\(name)/kernel", "\(name)/bias")
        }
        for index in tensors.indices where tensors[index].shape.count == 4 {
            let (outputs, inputs) = (tensors[index].shape[0], tensors[index].shape[1])
            let values = tensors[index].values
            tensors[index].shape = [3, 3, inputs, outputs]
            tensors[index].values = (0..<9).flatMap { tap in
                (0..<inputs).flatMap { input in
                    (0..<outputs).map { values[($0 * inputs + input) * 9 + tap] }
                }
            }
        }
        expect(try LossNetworkImport(bytes: Self.safeTensors(tensors)), is: weights)
    }

    /// The imported network gives the same activations for an image in network space as the original for the image in
    /// torchvision's normalisation, except at the border, which is padded with zeros in each one's own space.
    @Test func torchvisionsConventionGivesTheSameActivations() throws {
        let weights = try LossNetworkWeights.random()
        let found = try LossNetworkImport(
            bytes: Self.safeTensors(Self.tensors(.vgg16, weights: weights, Self.torchvision)))
        #expect(found.file.input == .unitRGB)
        #expect(found.inputReason.contains("torchvision"))
        let side = 5
        var generator = SeededGenerator(seed: 3)
        let image = Image(
            width: side, height: side, samples: (0..<3 * side * side).map { _ in Float(generator.next() >> 56) })
        let layer = LossLayer(block: 1, convolution: 1)
        let network = ReferenceLossNetwork(weights: found.file.weights, pooling: .max)
        let features = try #require(network.features(of: ReferenceTensor(image.networkSpace()), upTo: [layer])[layer])

        let mean = [0.485, 0.456, 0.406]
        let deviation = [0.229, 0.224, 0.225]
        let first = weights.convolutions[0]
        var largest = 0.0
        for output in 0..<64 {
            for y in 0..<side {
                for x in 0..<side {
                    var sum = Double(first.bias[output])
                    for channel in 0..<3 {
                        for tap in 0..<9 {
                            let (row, column) = (y + tap / 3 - 1, x + tap % 3 - 1)
                            guard 0..<side ~= row, 0..<side ~= column else { continue }
                            let value = Double(image.samples[(channel * side + row) * side + column]) / 255
                            sum +=
                                Double(first.weight[(output * 3 + channel) * 9 + tap]) * (value - mean[channel])
                                / deviation[channel]
                        }
                    }
                    largest = max(
                        largest, abs(features.values[(output * side + y) * side + x] - max(0, sum)))
                }
            }
        }
        #expect(largest < 1e-5)
    }

    // MARK: Refusals

    private func refusal(_ bytes: [UInt8]) -> String {
        let error = #expect(throws: ModelError.self) { try LossNetworkImport(bytes: bytes) }
        return error?.description ?? ""
    }

    @Test func filesOfOtherKinds() {
        #expect(refusal([]).contains("empty"))
        #expect(refusal([0x50, 0x4B, 3, 4, 0, 0, 0, 0, 0, 0]).contains("safetensors.torch.save_file"))
        #expect(refusal([0x80, 2, 0x8A, 0x0A]).contains("PyTorch"))
        #expect(refusal([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A]).contains("HDF5"))
        #expect(refusal([0x0A, 3, 0x56, 0x47, 0x47]).contains("caffemodel"))
        #expect(refusal(Array("a text".utf8)).contains("neither ONNX nor safetensors"))
        #expect(refusal(ONNXWriter.field(1, integer: 8)).contains("no graph"))
        #expect(refusal(ONNXWriter.model([])).contains("no weights"))
        #expect(refusal(Self.safeTensors([], metadata: ["pentimento.kind": "video"])).contains("style"))
    }

    @Test func networksThatAreNotVGG() throws {
        let kernel = [Float](repeating: 0, count: 64 * 27)
        let names = refusal(ONNXWriter.model([Initializer("onnx::Conv_12", [64, 3, 3, 3], kernel)]))
        #expect(names.contains("onnx::Conv_12") && names.contains("VGG-16"))
        let count = refusal(
            Self.safeTensors([
                Initializer("features.0.weight", [64, 3, 3, 3], kernel),
                Initializer("features.0.bias", [64], Array(kernel[..<64])),
            ]))
        #expect(count.contains("1 convolutions") && count.contains("16 of VGG-19"))
        let noKernels = refusal(Self.safeTensors([Initializer("fc.weight", [2, 2], [1, 2, 3, 4])]))
        #expect(noKernels.contains("no convolution"))

        let weights = try LossNetworkWeights.random()
        let good = Self.tensors(.vgg16, weights: weights, Self.torchvision)
        var wide = good
        wide[0] = Initializer("features.0.weight", [64, 3, 11, 11], [Float](repeating: 0, count: 64 * 363))
        #expect(refusal(Self.safeTensors(wide)).contains("[64, 3, 11, 11]"))
        var normalized = good
        normalized.append(Initializer("features.1.running_mean", [64], [Float](repeating: 0, count: 64)))
        #expect(refusal(Self.safeTensors(normalized)).contains("batch normalisation"))
        #expect(refusal(Self.safeTensors(Array(good.dropLast()))).contains("biases"))
        var nan = good
        nan[3].values[5] = .nan
        #expect(refusal(ONNXWriter.model(nan)).contains("NaN or infinite values"))
        var twice = good
        twice.append(Initializer("copy.features.0.weight", [64, 3, 3, 3], kernel))
        #expect(refusal(ONNXWriter.model(twice)).contains("both could be"))
        var quantized = good
        quantized[0].type = 3
        #expect(refusal(ONNXWriter.model(quantized)).contains("data type 3"))
        var external = good
        external[0].isExternal = true
        #expect(refusal(ONNXWriter.model(external)).contains("another file"))
        #expect(refusal(Array(ONNXWriter.model(good).dropLast(1000))).contains("cut off"))
    }

    /// Tensors that the convolutions do not need may have any type.
    @Test func aClassifierOfAnotherType() throws {
        let weights = try LossNetworkWeights.random()
        let file = Self.safeTensors(Self.tensors(.vgg16, weights: weights, Self.torchvision), metadata: [:])
        let length = file.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) }
        let data = Array(file[(8 + length)...])
        var header = String(decoding: file[8..<8 + length], as: UTF8.self)
        while header.last != "}" { header.removeLast() }
        header.removeLast()
        header +=
            #","classifier.0.weight":{"dtype":"BF16","shape":[2],"data_offsets":[\#(data.count),\#(data.count + 4)]}}"#
        let bytes =
            withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
            + Array(header.utf8) + data + [0, 0, 0, 0]
        #expect(try LossNetworkImport(bytes: bytes).file.weights.kind == .vgg16)
    }
}
