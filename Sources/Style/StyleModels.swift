import Imaging
import NeuralNet

/// The loaded models of a style, for frames of any size.
public struct StyleModels: Sendable {
    /// Name or path of the model, as it was requested.
    public let name: String
    /// Name or path of the model for frames without a prior; empty if there is none.
    public let imageName: String
    let video: Model
    /// For frames without a prior (paper equation 15); nil: `video` is used, with an empty prior.
    let image: Model?

    /// Fill of the prior's uncertain pixels in training.
    public var fill: PriorFill { PriorFill(video.description.fill) }

    /// Whether the model was trained with cube-face borders as prior (paper 6.2).
    public var isTunedForBorders: Bool { video.description.isTunedForBorders }

    /// Loads the models.
    ///
    /// - Parameters:
    ///   - model: a name or path; `NAME#STYLE` is one style of a model with several, of which `NAME` is the first.
    ///   - imageModel: the same; empty: frames without a prior use `model` too.
    /// - Throws: ``ModelLookupError`` or `ModelError`, with the cause and a remedy.
    public init(model: String, imageModel: String = "", library: ModelLibrary = .standard) throws {
        name = model
        imageName = imageModel
        video = try naming(model) { try library.model(model) }
        image =
            imageModel.isEmpty
            ? nil : try naming(imageModel) { try library.model(imageModel) }
    }
}

extension PriorFill {
    /// What a prior is filled with before a model sees it. A texture is added by the network itself.
    public init(_ fill: ModelDescription.Fill) { self = fill == .noise ? .noise : .mean }
}

/// Runs `body` and adds the model's name to its errors.
private func naming<Result>(_ model: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as ModelError {
        throw error.of(model)
    }
}

struct FrameSize: Sendable, Equatable {
    let width: Int
    let height: Int

    /// The network's input size at `scale`.
    func scaled(by scale: Double) -> FrameSize {
        FrameSize(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded())))
    }
}

/// A style's networks, planned for one frame size. Not thread-safe.
final class StyleNetworks: @unchecked Sendable {
    let models: StyleModels
    /// Size of the input frames: of the whole batch if there are several images in one.
    let frame: FrameSize
    /// Size of the outputs.
    let size: FrameSize
    let threads: Int
    /// Number of images in a frame.
    private let batchSize: Int
    private let video: Network
    private let image: Network?

    /// - Parameter batchSize: number of images stacked in a frame.
    /// - Throws: `ModelError` if a network cannot be planned for the size, or everything together takes more memory
    ///   than `MemoryLimit` allows.
    init(models: StyleModels, frame: FrameSize, batchSize: Int = 1, request: StyleRequest) throws {
        let image = FrameSize(width: frame.width, height: frame.height / batchSize)
        let scaled = image.scaled(by: request.networkScale(width: image.width, height: image.height))
        self.models = models
        self.frame = frame
        self.batchSize = batchSize
        size = FrameSize(width: scaled.width, height: batchSize * scaled.height)
        threads = request.threads
        var cost = PlanCost()
        for model in [models.video, models.image].compactMap({ $0 }) {
            cost.add(
                try Network.cost(
                    of: model.description, width: scaled.width, height: scaled.height, threads: request.threads))
        }
        // The frame, the prior with its certainty, two outputs, and a missing prior for each image.
        if batchSize > 1 { cost.add(batchSize * scaled.width * scaled.height * 17) }
        try cost.check(
            "the style at \(size.width)x\(size.height)",
            remedy: "take smaller frames, a smaller scale, a larger brush or another model"
        )
        video = try naming(models.name) {
            try Network(
                model: models.video.mixing(request.mix), width: scaled.width, height: scaled.height,
                threads: request.threads)
        }
        self.image = try models.image.map { model in
            try naming(models.imageName) {
                try Network(
                    model: model.mixing(request.mix), width: scaled.width, height: scaled.height,
                    threads: request.threads)
            }
        }
    }

    /// Changes the mix of the models' styles, without planning anything anew.
    ///
    /// - Parameter mix: as ``StyleRequest/mix``.
    /// - Throws: an error that says what is wrong with the mix; the networks are then unchanged.
    func mix(_ mix: String) throws {
        let mixed = try naming(models.name) { try models.video.mixing(mix) }
        if let image, let model = models.image {
            image.setNorms(of: try naming(models.imageName) { try model.mixing(mix) })
        }
        video.setNorms(of: mixed)
    }

    /// Runs the network on `frame`; input and output are in network space and of `size`.
    ///
    /// - Parameter prior: at any resolution.
    /// - Throws: `Cancelled`.
    func run(frame: Image, prior: Prior?, coherence: Float) throws(Cancelled) -> Image {
        guard let prior = prior.map(fitting) else {
            return try (image ?? video).run(frame: frame, coherence: coherence)
        }
        return try video.run(frame: frame, prior: prior.image, certainty: prior.certainty, coherence: coherence)
    }

    /// Runs the network on a batch of images that are stacked in a frame; the output is in network space and of `size`.
    ///
    /// - Parameter prior: at any resolution.
    /// - Throws: `Cancelled`.
    func run(
        frame: FramePixels, prior: Prior?, batchRunner: any BatchRunner, coherence: Float
    ) throws(Cancelled) -> Image {
        let height = frame.height / batchSize
        return try batchRunner.run(width: size.width, height: size.height, prior: prior.map(fitting), threads: threads)
        {
            (image, prior, others, batch) throws(Cancelled) in
            let index = image.index
            // Converted one at a time, so that only one is in memory.
            let input = networkInput(frame.block(rows: index * height..<(index + 1) * height))
            if prior == nil, let network = self.image {
                try network.run(
                    index: index, input, coherence: coherence, textureOffset: image.textureOffset, into: &batch)
                return nil
            }
            try video.run(
                index: index, input, prior: prior?.image, certainty: prior?.certainty, coherence: coherence,
                beside: others, textureOffset: image.textureOffset, into: &batch)
            return video.statistics
        }
    }

    /// The prior at the networks' resolution.
    func fitting(_ prior: Prior) -> Prior { prior.resized(width: size.width, height: size.height, threads: threads) }

    /// Converts an image to the networks' input.
    func networkInput(_ pixels: FramePixels) -> Image {
        pixels.networkImage(width: video.width, height: video.height, threads: threads)
    }
}
