import Imaging
import NeuralNet

/// A style's models, read and checked, for frames of any size.
public struct StyleModels: Sendable {
    /// What they were asked for by: names or paths.
    public let name: String
    public let imageName: String
    let video: Model
    /// For frames without a prior (paper equation 15); nil: `video` with an empty prior.
    let image: Model?

    /// What uncertain pixels of the prior held when the network was trained.
    public var fill: PriorFill { video.description.fill == .noise ? .noise : .mean }

    /// Whether the model was trained with borders of cube faces as prior (paper 6.2).
    public var isTunedForBorders: Bool { video.description.isTunedForBorders }

    /// Reads the models that the names or paths stand for.
    ///
    /// - Parameter imageModel: empty: frames without a prior go through `model` as well.
    /// - Throws: ``ModelLookupError`` or `ModelError`: what is wrong, where, and what to do.
    public init(model: String, imageModel: String = "", library: ModelLibrary = .standard) throws {
        name = model
        imageName = imageModel
        video = try naming(model) { try Model(contentsOf: library.path(of: model)) }
        image =
            imageModel.isEmpty
            ? nil : try naming(imageModel) { try Model(contentsOf: library.path(of: imageModel)) }
    }
}

/// Runs `body`; a model that cannot be used is named in its error.
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

    /// What a network at `scale` (0.1...1) of this size gets.
    func scaled(by scale: Double) -> FrameSize {
        FrameSize(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded())))
    }
}

/// A style's networks, planned for frames of one size. For one thread at a time.
final class StyleNetworks: @unchecked Sendable {
    let models: StyleModels
    /// Of the frames.
    let frame: FrameSize
    /// Of the outputs.
    let size: FrameSize
    let threads: Int
    /// Pictures of a frame.
    private let partCount: Int
    private let video: Network
    private let image: Network?

    /// - Parameter parts: how many pictures make up a frame, one below the other.
    /// - Throws: `ModelError` if a network cannot be planned for the size, or all takes more memory than `MemoryLimit` allows.
    init(models: StyleModels, frame: FrameSize, parts: Int = 1, request: StyleRequest) throws {
        let scaled = FrameSize(width: frame.width, height: frame.height / parts).scaled(by: request.scale)
        self.models = models
        self.frame = frame
        partCount = parts
        size = FrameSize(width: scaled.width, height: parts * scaled.height)
        threads = request.threads
        var price = PlanPrice()
        for model in [models.video, models.image].compactMap({ $0 }) {
            price.add(
                try Network.price(
                    of: model.description, width: scaled.width, height: scaled.height, threads: request.threads))
        }
        // Frame, prior with its certainty, and two results.
        if parts > 1 { price.add(parts * scaled.width * scaled.height * 13) }
        try price.check(
            "the style at \(size.width)x\(size.height)", remedy: "take smaller frames, a smaller scale or another model"
        )
        video = try naming(models.name) {
            try Network(model: models.video, width: scaled.width, height: scaled.height, threads: request.threads)
        }
        image = try models.image.map { model in
            try naming(models.imageName) {
                try Network(model: model, width: scaled.width, height: scaled.height, threads: request.threads)
            }
        }
    }

    /// The style's picture of `frame`, both in network space and of `size`.
    ///
    /// - Parameter prior: at any resolution.
    /// - Throws: `Cancelled`.
    func run(frame: Image, prior: Prior?, coherence: Float) throws(Cancelled) -> Image {
        guard let prior = fitting(prior) else { return try (image ?? video).run(frame: frame, coherence: coherence) }
        return try video.run(frame: frame, prior: prior.image, certainty: prior.certainty, coherence: coherence)
    }

    /// The style's picture of a frame, in network space and of `size`.
    ///
    /// - Parameters:
    ///   - prior: at any resolution.
    ///   - parts: how the frame's pictures go through the networks; nil: it is one.
    /// - Throws: `Cancelled`.
    func run(
        frame: PackedPixels, prior: Prior?, parts: (any FrameParts)?, coherence: Float
    ) throws(Cancelled) -> Image {
        guard let parts else { return try run(frame: seen(frame), prior: prior, coherence: coherence) }
        let height = frame.height / partCount
        return try parts.run(width: size.width, height: size.height, prior: fitting(prior), threads: threads) {
            (part, prior, others, painting) throws(Cancelled) in
            // One at a time, so that only one of them is in memory.
            let seen = seen(frame.block(rows: part * height..<(part + 1) * height))
            if prior == nil, let image {
                try image.run(part: part, seen, coherence: coherence, into: &painting)
                return nil
            }
            try video.run(
                part: part, seen, prior: prior?.image, certainty: prior?.certainty, coherence: coherence,
                beside: others, into: &painting)
            return video.statistics
        }
    }

    private func fitting(_ prior: Prior?) -> Prior? {
        prior?.resized(width: size.width, height: size.height, parts: partCount, threads: threads)
    }

    /// What the networks see of a picture.
    private func seen(_ pixels: PackedPixels) -> Image {
        pixels.networkImage(threads: threads).resized(width: video.width, height: video.height, threads: threads)
    }
}
