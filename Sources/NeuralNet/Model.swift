import ModelFiles
import Support

/// The metadata of a model file.
public struct ModelDescription: Sendable, Equatable {
    /// The inputs of the network.
    public enum Kind: String, Sendable {
        /// Seven channels: frame (3), prior (3), certainty (1).
        case video
        /// Three channels: the frame.
        case image

        /// 7 or 3: the inputs of the first convolution.
        public var inputChannels: Int { self == .video ? 7 : 3 }
    }

    /// What uncertain pixels of the prior were filled with in training (paper 8.3).
    public enum Fill: String, CaseIterable, Sendable {
        /// The mean color.
        case mean
        /// Uniform noise in 0...255.
        case noise
        /// The style's ``StyleTexture``, which the network itself fills in; the prior holds the mean color.
        case texture
    }

    /// Decides the number of input channels.
    public var kind: Kind
    /// The last layer has three outputs, or four with a gate.
    public var architecture: Architecture
    /// How the convolutions or the input are padded, as in training.
    public var padding: Padding
    /// Whether a fourth output is the gate: the weight with which the prior is blended into each pixel.
    public var isGated: Bool
    /// The output is `tanh(last layer) * outputScale`.
    public var outputScale: Float
    /// What the prior's uncertain pixels must hold, as in training.
    public var fill: Fill
    /// The name of the style; nil if the file has none.
    public var style: String?
    /// The names of the styles of a model with several; empty: one style.
    public var styles: [String] = []
    /// The license of the weights; nil if the file has none.
    public var license: String?
    /// The training settings as JSON; nil if the file has none.
    public var training: String?

    /// A description with these values. They are not checked against each other.
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

/// The contents of a model file: description and weights, validated.
public struct Model: Sendable {
    /// The file's metadata; the weights have its shapes.
    public let description: ModelDescription
    /// SHA-256 of the weights' bytes in the file, in hexadecimal; identifies the model.
    public let checksum: String
    /// One for each layer of the architecture.
    package var weights: [LayerWeights]
    /// The instance-norm parameters of each style; nil: one style.
    let norms: StyleNorms?
    /// What the prior holds where it is uncertain, of the style or the mix of styles; nil: what it is filled with.
    package var texture: StyleTexture?
    /// That of each style of a model with several; else of the only one; empty: none.
    package let textures: [StyleTexture]

    /// Reads a model file.
    ///
    /// - Throws: an error with the path, what is wrong with the file, and where.
    public init(contentsOf path: String) throws(ModelError) {
        let file = try SafeTensors(contentsOf: path)
        do {
            try self.init(file)
        } catch {
            throw error.within(path)
        }
    }

    /// Parses a model file.
    ///
    /// - Parameter bytes: the contents of a `.safetensors` file.
    /// - Throws: an error that says what is wrong, and where.
    public init(bytes: [UInt8]) throws(ModelError) {
        try self.init(SafeTensors(bytes: bytes))
    }

    /// Checks the checksum, the metadata and the tensors' shapes.
    ///
    /// - Throws: an error that says what is wrong, and where.
    public init(_ file: SafeTensors) throws(ModelError) {
        if let stated = file.metadata["checksum"], stated.lowercased() != file.checksum {
            throw ModelError("the checksum does not match the weights; the file is damaged: download it again")
        }
        description = try ModelDescription(metadata: file.metadata)
        checksum = file.checksum
        var tensors = file.tensors
        textures = try StyleTexture.taken(from: &tensors, of: description)
        texture = textures.first
        norms = description.styles.isEmpty ? nil : try StyleNorms(of: description, in: &tensors)
        weights = try layerWeights(of: description, in: tensors)
    }

    /// The texture of one of the styles; nil: it has none.
    package func texture(ofStyle index: Int) -> StyleTexture? {
        textures.indices.contains(index) ? textures[index] : nil
    }
}

extension ModelDescription {
    /// - Throws: an error that names the key that is missing or has an unknown value.
    init(metadata: [String: String]) throws(ModelError) {
        func required(_ key: String) throws(ModelError) -> String {
            guard let value = metadata[key] else {
                throw ModelError("the metadata \"\(key)\" is missing; this is not a Pentimento model")
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
        guard let fill = Fill(rawValue: fillName) else { throw unknown("fill", fillName, "mean, noise, texture") }
        guard fill != .texture || kind == .video else {
            throw ModelError("a texture takes the place of a prior, and an image model has none")
        }

        guard !isGated || kind == .video else { throw ModelError("a gate needs a prior, and an image model has none") }
        let outputs = isGated ? 4 : 3
        guard architecture.outputChannels == outputs else {
            throw ModelError(
                "the architecture must end in \(outputs) outputs\(isGated ? ", as the model has a gate" : "")")
        }
        self.init(
            kind: kind, architecture: architecture, padding: padding, isGated: isGated, outputScale: scale, fill: fill,
            style: metadata["style"], license: metadata["license"], training: metadata["training"])
        if let list = metadata["styles"] { styles = try Self.styles(list) }
    }

    /// The names of the styles in the metadata of a model with several; empty for other models and invalid lists.
    package static func styles(in metadata: [String: String]) -> [String] {
        metadata["styles"].flatMap { try? styles($0) } ?? []
    }

    /// Parses a JSON list of the names of styles.
    private static func styles(_ text: String) throws(ModelError) -> [String] {
        var names: [String] = []
        if case .array(let values)? = try? JSON(parsing: Array(text.utf8)[...]) {
            for case .string(let name) in values { names.append(name) }
        }
        guard !names.isEmpty, names.count <= maximumStyles, Set(names).count == names.count,
            names.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 200 })
        else {
            throw ModelError(
                "the metadata \"styles\" is \(text.prefix(80)), not a JSON list of 1 to \(maximumStyles) different names"
            )
        }
        return names
    }

    private static let maximumStyles = 1000

    /// The metadata of a model file; the inverse of `init(metadata:)`.
    var metadata: [String: String] {
        var metadata = [
            "pentimento.kind": kind.rawValue, "arch": architecture.description, "padding": padding.rawValue,
            "norm": "instance", "input": "bgr-vgg", "tanh": scaleText, "fill": fill.rawValue,
        ]
        metadata["gate"] = isGated ? "prior" : nil
        metadata["style"] = style
        if !styles.isEmpty { metadata["styles"] = "[" + styles.map(JSON.quoted).joined(separator: ", ") + "]" }
        metadata["license"] = license
        metadata["training"] = training
        return metadata
    }

    private var scaleText: String {
        let text = outputScale.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
