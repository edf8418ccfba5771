/// How a network extends what its convolutions see beyond the picture's border.
public enum Padding: String, Sendable, CaseIterable {
    /// One reflection at the input, by what the unpadded residual blocks take away; other convolutions see zeros.
    case reflectStart = "reflect-start"
    case reflect
    case replicate
    case zero
    /// No convolution is padded; the input is extended by reflection by all that they take away together.
    case none
}

/// What a model file says of itself.
public struct ModelDescription: Sendable, Equatable {
    public enum Kind: String, Sendable {
        /// Seven inputs: frame, prior, certainty.
        case video
        /// Three inputs: the frame.
        case image

        public var inputChannels: Int { self == .video ? 7 : 3 }
    }

    /// What uncertain pixels of the prior held when the model was trained (paper 8.3).
    public enum Fill: String, Sendable {
        case mean, noise
    }

    public var kind: Kind
    public var architecture: Architecture
    public var padding: Padding
    /// The network has a fourth output, which decides pixel by pixel how much of the prior shows.
    public var isGated: Bool
    /// The last layer's output goes through tanh and is multiplied by this.
    public var outputScale: Float
    public var fill: Fill
    public var style: String?
    public var license: String?
    /// How it was trained, as JSON.
    public var training: String?

    public init(
        kind: Kind, architecture: Architecture, padding: Padding = .reflectStart, isGated: Bool = false,
        outputScale: Float = 150, fill: Fill = .mean, style: String? = nil, license: String? = nil,
        training: String? = nil
    ) {
        self.kind = kind
        self.architecture = architecture
        self.padding = padding
        self.isGated = isGated
        self.outputScale = outputScale
        self.fill = fill
        self.style = style
        self.license = license
        self.training = training
    }
}

/// A trained network as it is kept in a file: its description and its weights, all checked.
public struct Model: Sendable {
    public let description: ModelDescription
    /// SHA-256 of the weights' bytes in the file, in hexadecimal digits; tells models apart.
    public let checksum: String
    /// One for each layer of the architecture.
    let weights: [LayerWeights]

    /// - Throws: an error that names the file, what is wrong with it, and where.
    public init(contentsOf path: String) throws(ModelError) {
        let file = try SafeTensors(contentsOf: path)
        do {
            try self.init(file)
        } catch {
            throw error.within(path)
        }
    }

    /// - Parameter bytes: the contents of a `.safetensors` file.
    /// - Throws: an error that says what is wrong, and where.
    public init(bytes: [UInt8]) throws(ModelError) {
        try self.init(SafeTensors(bytes: bytes))
    }

    /// - Throws: an error that says what is wrong, and where.
    public init(_ file: SafeTensors) throws(ModelError) {
        if let stated = file.metadata["checksum"], stated.lowercased() != file.checksum {
            throw ModelError("the checksum does not match the weights; the file is damaged: get it anew")
        }
        description = try ModelDescription(metadata: file.metadata)
        checksum = file.checksum
        weights = try layerWeights(of: description, in: file.tensors)
    }
}

extension ModelDescription {
    /// - Throws: an error that names the key that is missing or has a value nobody knows.
    init(metadata: [String: String]) throws(ModelError) {
        func required(_ key: String) throws(ModelError) -> String {
            guard let value = metadata[key] else {
                throw ModelError("the metadata \"\(key)\" is missing; this is no Pentimento model")
            }
            return value
        }
        func unknown(_ key: String, _ value: String, _ known: String) -> ModelError {
            ModelError("the metadata \"\(key)\" is \"\(value)\"; known: \(known)")
        }
        func check(_ key: String, is expected: String) throws(ModelError) {
            if let value = metadata[key], value != expected { throw unknown(key, value, expected) }
        }

        let kindName = try required("pentimento.kind")
        guard let kind = Kind(rawValue: kindName) else { throw unknown("pentimento.kind", kindName, "video, image") }
        let architecture = try Architecture(parsing: try required("arch"))
        let paddingName = try required("padding")
        guard let padding = Padding(rawValue: paddingName) else {
            throw unknown("padding", paddingName, Padding.allCases.map(\.rawValue).joined(separator: ", "))
        }
        try check("norm", is: "instance")
        try check("input", is: "bgr-vgg")
        try check("gate", is: "prior")
        let isGated = metadata["gate"] != nil
        let scaleText = metadata["tanh"] ?? "150"
        guard let scale = Float(scaleText), scale > 0, scale <= 1000 else {
            throw unknown("tanh", scaleText, "a number above 0, at most 1000")
        }
        let fillName = metadata["fill"] ?? "mean"
        guard let fill = Fill(rawValue: fillName) else { throw unknown("fill", fillName, "mean, noise") }

        guard !isGated || kind == .video else { throw ModelError("a gate needs a prior, and an image model has none") }
        let outputs = isGated ? 4 : 3
        guard architecture.outputChannels == outputs else {
            throw ModelError(
                "the architecture must end in \(outputs) outputs\(isGated ? ", as the model has a gate" : "")")
        }
        self.init(
            kind: kind, architecture: architecture, padding: padding, isGated: isGated, outputScale: scale, fill: fill,
            style: metadata["style"], license: metadata["license"], training: metadata["training"])
    }

    /// The strings that a model file holds; the inverse of `init(metadata:)`.
    var metadata: [String: String] {
        var metadata = [
            "pentimento.kind": kind.rawValue, "arch": architecture.description, "padding": padding.rawValue,
            "norm": "instance", "input": "bgr-vgg", "tanh": scaleText, "fill": fill.rawValue,
        ]
        metadata["gate"] = isGated ? "prior" : nil
        metadata["style"] = style
        metadata["license"] = license
        metadata["training"] = training
        return metadata
    }

    private var scaleText: String {
        let text = outputScale.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
