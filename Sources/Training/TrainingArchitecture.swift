import NeuralNet
import Style

extension TrainingSettings {
    /// For a gated video model; others have three output channels.
    public static let defaultArchitecture = "c5s1-8,d24,d48,R48,R48,R48,R48,B2,c3s1-24,+1,B2,c5s1-4"

    /// The included model from whose weights a training begins unless told otherwise: its convolutions know many paintings.
    public static let startingModel = "paintings"

    /// Causes no visible line at the border, unlike zero padding, and costs a quarter less than `reflect-start`.
    public static let defaultPadding = Padding.replicate

    /// Whether the network has a gate.
    public var isGated: Bool { kind == .video && gate == .prior }

    /// The network to train.
    ///
    /// - Parameter initial: the model to continue from; its layers are used if the settings have none.
    /// - Throws: ``TrainingError/settings(_:)`` or `ModelError` if the layers do not fit the other settings.
    public func network(from initial: ModelDescription? = nil) throws -> ModelDescription {
        let outputs = isGated ? 4 : 3
        var layers: Architecture
        if let architecture {
            layers = try Architecture(parsing: architecture)
            guard layers.outputChannels == outputs else {
                throw TrainingError.settings([
                    "The architecture \"\(architecture)\" ends in \(layers.outputChannels ?? 0) channels; "
                        + (isGated
                            ? "with a gate it must end in 4 (or choose the gate none)."
                            : "without a gate it must end in 3.")
                ])
            }
        } else {
            let known = try initial?.architecture ?? Architecture(parsing: Self.defaultArchitecture)
            layers = try known.ending(in: outputs)
        }
        if isDilated { layers = try layers.dilated() }
        return ModelDescription(
            kind: kind, architecture: layers, padding: padding ?? initial?.padding ?? Self.defaultPadding,
            isGated: isGated, fill: fill == .texture && !takesTexture ? .mean : fill)
    }
}

extension Architecture {
    /// The same layers with another number of output channels.
    func ending(in outputs: Int) throws(ModelError) -> Architecture {
        guard let count = outputChannels, count != outputs else { return self }
        return try Architecture(parsing: description.dropLast("\(count)".count) + "\(outputs)")
    }

    /// The same network without strides and upsampling (paper 5.1). Layers after a stride are dilated by it instead, so
    /// that their receptive fields are unchanged at full resolution, and the output follows the frame pixel by pixel.
    ///
    /// - Throws: an error if a layer's dilation is not an integer.
    func dilated() throws(ModelError) -> Architecture {
        var scale = 1
        var words: [String] = []
        func unusual(_ layer: Int) -> ModelError {
            ModelError("layer \(layer) of \"\(self)\" is above the input's resolution: it cannot be dilated")
        }
        for (index, layer) in layers.enumerated() {
            switch layer {
            case .convolution(let kernel, let stride, let dilation, let outputs):
                let total = dilation * scale
                words.append("c\(kernel)s1\(total == 1 ? "" : "d\(total)")-\(outputs)")
                scale *= stride
            case .residual(let channels, let dilation):
                let total = dilation * scale
                words.append("R\(channels)\(total == 1 ? "" : "d\(total)")")
            case .upsampling(let factor), .bilinearUpsampling(let factor):
                guard scale % factor == 0 else { throw unusual(index) }
                scale /= factor
            case .sum(let layer): words.append("+\(layer)")
            case .fractionalConvolution(let outputs):
                guard scale % 2 == 0 else { throw unusual(index) }
                scale /= 2
                words.append("c3s1\(scale == 1 ? "" : "d\(scale)")-\(outputs)")
            }
        }
        return try Architecture(parsing: words.joined(separator: ","))
    }
}
