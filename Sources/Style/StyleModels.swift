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
        video = try Model(contentsOf: library.path(of: model))
        image = imageModel.isEmpty ? nil : try Model(contentsOf: library.path(of: imageModel))
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
    private let video: Network
    private let image: Network?

    /// - Parameter part: the size of the pictures that make up a frame, in whole rows and columns; nil: it is one.
    init(models: StyleModels, frame: FrameSize, part: FrameSize? = nil, request: StyleRequest) throws {
        let part = part ?? frame
        let scaled = part.scaled(by: request.scale)
        self.models = models
        self.frame = frame
        size = FrameSize(
            width: frame.width / part.width * scaled.width, height: frame.height / part.height * scaled.height)
        threads = request.threads
        video = try Network(model: models.video, width: scaled.width, height: scaled.height, threads: threads)
        image = try models.image.map {
            try Network(model: $0, width: scaled.width, height: scaled.height, threads: request.threads)
        }
    }

    /// The style's picture of `frame`, both in network space and of `size`.
    func run(frame: Image, prior: Prior?, parts: (any FrameParts)? = nil, coherence: Float) -> Image {
        let fitting = prior?.resized(width: size.width, height: size.height, threads: threads)
        guard let parts else {
            guard let fitting else { return (image ?? video).run(frame: frame, coherence: coherence) }
            return video.run(
                frame: frame, prior: fitting.image, certainty: fitting.certainty, coherence: coherence)
        }
        return parts.run(frame: frame, prior: fitting, threads: threads) { rows, frame, prior, others, painting in
            if prior == nil, let image {
                image.run(rows: rows, of: frame, coherence: coherence, into: &painting)
                return nil
            }
            video.run(
                rows: rows, of: frame, prior: prior?.image, certainty: prior?.certainty, coherence: coherence,
                beside: others, into: &painting)
            return video.statistics
        }
    }
}
