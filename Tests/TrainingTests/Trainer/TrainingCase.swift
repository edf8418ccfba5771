import Flow
import Imaging
import ModelFiles
import NeuralNet
import Style
import TestSupport
import Training

/// A fast training: a small network, small samples, the first blocks of a random loss network.
struct TrainingCase {
    var settings: TrainingSettings = {
        var settings = TrainingSettings()
        settings.architecture = "c3s1-4,d8,R8,U2,c3s1-4"
        settings.length = .steps(6)
        settings.cropSize = 16
        settings.batchSize = 2
        settings.frames = try! FrameSchedule(parsing: "0:1/2")
        settings.contentLayers = [LossLayer(block: 2, convolution: 1)]
        settings.styleLayers = [LossLayer(block: 1, convolution: 2), LossLayer(block: 2, convolution: 1)]
        settings.styleSize = 32
        settings.coherence = 0
        return settings
    }()
    var source: any SequenceSource = DriftingTexture()
    var validation: Validation?
    var initial: Model?

    func trainer(from checkpoint: Checkpoint? = nil) throws -> Trainer {
        try Trainer(
            settings: settings, styles: [StyleImage(image: Self.painting)], lossNetwork: Self.lossNetwork,
            source: source, validation: validation, initial: initial, inputs: ["photos": "drifting texture"],
            checkpoint: checkpoint)
    }

    /// The model file after the whole training.
    func trained() throws -> [UInt8] {
        let trainer = try trainer()
        try trainer.run()
        return try trainer.encodedModel()
    }

    static let lossNetwork = try! LossNetworkWeights.random()

    static let painting = textured(MovingTexture(seed: 99), width: 40, height: 36, scale: 5)

    /// A coloured part of a texture in network space; `scale` is the texture's scale per pixel.
    static func textured(_ texture: MovingTexture, width: Int, height: Int, scale: Int, from left: Int = 0) -> Image {
        var image = Image(width: width, height: height)
        for channel in 0..<3 {
            for y in 0..<height {
                for x in 0..<width {
                    let value = texture.value(Double(scale * (left + x) + 300 * channel), Double(scale * y))
                    image.samples[(channel * height + y) * width + x] = Float(value) - 110
                }
            }
        }
        return image
    }
}

/// Samples that translate by whole pixels over a texture.
struct DriftingTexture: SequenceSource {
    func batch(step: Int, count: Int, frames: Int, size: Int) -> [TrainingSequence] {
        (0..<count).map { sample in
            let texture = MovingTexture(seed: UInt64(step % 8 * 10 + sample))
            let images = (0..<frames).map { frame in
                TrainingCase.textured(texture, width: size, height: size, scale: 4, from: frame)
            }
            var flow = FlowField(width: size, height: size)
            for index in flow.u.indices { flow.u[index] = 1 }
            var certainty = Plane<Float>(width: size, height: size, repeating: 1)
            for y in 0..<size { certainty[size - 1, y] = 0 }
            let motion = Motion(flow: flow, certainty: certainty)
            return TrainingSequence(frames: images, motions: Array(repeating: motion, count: frames - 1))
        }
    }
}

extension TrainingCase {
    /// A small model with random weights. Its gate has the same logit everywhere, and the prior enters only through the
    /// gate.
    static func gatedModel(logit: Float) -> Model {
        let architecture = try! Architecture(parsing: "c3s1-4,c3s1-4")
        let description = ModelDescription(kind: .video, architecture: architecture, padding: .replicate, isGated: true)
        let tensors = try! SafeTensors(bytes: NetworkParameters(random: description, seed: 5).encoded())
        let named = tensors.tensors.sorted { $0.key < $1.key }.map { name, tensor in
            var values = tensor.values
            if name == "0.conv.weight" { for index in values.indices where index / 9 % 7 > 2 { values[index] = 0 } }
            if name == "1.conv.weight" { for index in 0..<values.count * 3 / 4 { values[index] *= 300 } }
            if name == "1.conv.bias" { values[3] = logit }
            return (name: name, tensor: SafeTensors.Tensor(shape: tensor.shape, values: values))
        }
        return try! Model(bytes: SafeTensors.encode(named, metadata: tensors.metadata))
    }
}
