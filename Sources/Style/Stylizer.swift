import Flow
import Imaging

/// What a stylizer is asked to work with. May change from frame to frame.
public struct StyleRequest: Sendable, Equatable {
    /// Name or path of the model.
    public var model: String
    /// Name or path of the model for frames without a prior (paper equation 15); empty: `model`.
    public var imageModel: String
    /// 0.1...1: the network's resolution over the frames'.
    public var scale: Double
    /// 0: one a processor.
    public var threads: Int

    public init(model: String, imageModel: String = "", scale: Double = 1, threads: Int = 0) {
        self.model = model
        self.imageModel = imageModel
        self.scale = scale
        self.threads = threads
    }

    func hasModels(of models: StyleModels) -> Bool {
        model == models.name && imageModel == models.imageName
    }
}

/// One frame to be stylized.
public struct StyleFrame {
    /// The frame, and where its picture goes.
    public var pixels: PackedPixels
    /// The last result moved to this frame; nil: the frame stands on its own.
    public var prior: Prior?
    /// From this frame to the one before, at any resolution; nil: not known. Only a fading style needs it.
    public var flow: FlowField?
    /// Whether nothing leads from the frame before to this one: a scene cut, a seek, a gap.
    public var isDiscontinuous: Bool
    /// Seconds of the stream.
    public var time: Double

    public init(
        pixels: PackedPixels, prior: Prior? = nil, flow: FlowField? = nil, isDiscontinuous: Bool = false,
        time: Double
    ) {
        self.pixels = pixels
        self.prior = prior
        self.flow = flow
        self.isDiscontinuous = isDiscontinuous
        self.time = time
    }
}

/// What became of a frame, beside its picture.
public struct StyleResult: Sendable {
    /// The network's own output, in network space, at the network's resolution: what the next frame's prior is made of.
    public let output: Image
    /// Whether the frame is the first in another style.
    public let beginsStyle: Bool
    /// Why the style that was last asked for could not be had; told once, the old style goes on.
    public let failure: (any Error)?
}

/// Stylizes a stream of frames with feed-forward networks (paper section 5).
///
/// Another style is read and planned beside the stream and taken up between two frames; the last picture of the
/// old one fades out. For one thread at a time.
public final class Stylizer {
    private struct Loaded: Sendable {
        let request: StyleRequest
        let frame: FrameSize
        let result: Result<StyleNetworks, any Error>
    }

    private let library: ModelLibrary
    /// What the models and networks in use were made for.
    private var active: StyleRequest
    private var models: StyleModels
    private var networks: StyleNetworks?
    private let loading = Background<Loaded>()
    /// Asked for and not to be had.
    private var refused: StyleRequest?
    private var fade: StyleFade?
    /// What the last frame showed of the network's output and of a fading style, and when.
    private var last: (picture: Image, time: Double)?

    /// Reads the models of `request`.
    ///
    /// - Throws: ``ModelLookupError`` or `ModelError`.
    public init(_ request: StyleRequest, library: ModelLibrary = .standard) throws {
        self.library = library
        active = request
        models = try StyleModels(model: request.model, imageModel: request.imageModel, library: library)
    }

    /// How frames that hold several pictures go through the networks; nil: a frame is one picture.
    ///
    /// Pictures of another size in frames of the same one need ``prepare(width:height:)`` again.
    public var parts: (any FrameParts)?

    private var partCount: Int { parts?.count ?? 1 }

    /// How uncertain pixels of the prior are to be filled: as the network was trained.
    public var fill: PriorFill { models.fill }

    /// Whether the model in use was trained with borders of cube faces as prior (paper 6.2).
    public var isTunedForBorders: Bool { models.isTunedForBorders }

    /// The resolution of the outputs; of 0 x 0 before it is known.
    public var networkSize: (width: Int, height: Int) { (networks?.size.width ?? 0, networks?.size.height ?? 0) }

    /// Forgets what was shown: what comes has nothing to do with it.
    public func forget() {
        last = nil
        fade = nil
    }

    /// Waits until the models that are being read are there; the next frame takes them up.
    package func waitForModels() { loading.wait() }

    /// Plans for frames of a size now, so that the first one need not wait. Forgets what was shown.
    ///
    /// - Throws: `ModelError` if the network cannot be planned.
    public func prepare(width: Int, height: Int) throws {
        let frame = FrameSize(width: width, height: height)
        forget()
        _ = try planned(for: frame)
    }

    /// Stylizes one frame in place.
    ///
    /// - Parameters:
    ///   - request: where it is another one than before, the stream goes on as it was until all is there.
    ///   - coherence: added to the gate's logit of a gated network: above 0 steadier, below 0 livelier.
    ///   - fade: seconds that the old style takes to go when there is a new one.
    /// - Throws: `ModelError` if a network cannot be planned for the frame's size; `Cancelled`, where the calling thread's
    ///   `Cancellation` is requested: then the frame may be painted in part.
    public func stylize(
        _ frame: StyleFrame, request: StyleRequest, look: Look = Look(), coherence: Float = 0,
        fade fadeTime: Double = 0.5
    ) throws -> StyleResult {
        let frameSize = FrameSize(width: frame.pixels.width, height: frame.pixels.height)
        if networks?.frame != frameSize { forget() }
        let change = follow(request, frame: frameSize)
        let networks = try planned(for: frameSize)
        let threads = networks.threads

        if frame.isDiscontinuous {
            fade = nil
        } else if change.beginsStyle, let last, fadeTime > 0 {
            fade = StyleFade(picture: last.picture, start: last.time, duration: fadeTime)
        }
        if let flow = frame.flow { fade?.follow(flow, parts: partCount, threads: threads) }

        let prior = change.beginsStyle || frame.isDiscontinuous ? nil : frame.prior
        let output = try networks.run(frame: frame.pixels, prior: prior, parts: parts, coherence: coherence)

        if let fade, fade.remaining(at: frame.time) <= 0 { self.fade = nil }
        let shown = fade.map { $0.mixed(into: output, at: frame.time, parts: partCount, threads: threads) } ?? output
        last = (shown, frame.time)
        look.paint(shown, over: frame.pixels, parts: partCount, threads: threads)
        try Cancellation.check()
        return StyleResult(output: output, beginsStyle: change.beginsStyle, failure: change.failure)
    }

    private func planned(for frame: FrameSize) throws -> StyleNetworks {
        if let networks, networks.frame == frame { return networks }
        // The old ones' memory goes before the new ones' comes.
        networks = nil
        let planned = try StyleNetworks(models: models, frame: frame, parts: partCount, request: active)
        networks = planned
        return planned
    }

    /// Takes up what has been loaded, and has loaded what is missing.
    private func follow(_ request: StyleRequest, frame: FrameSize) -> (beginsStyle: Bool, failure: (any Error)?) {
        var beginsStyle = false
        var failure: (any Error)?
        if request != refused { refused = nil }
        // What is no longer asked for, or for another size, is dropped and loaded again below.
        if let loaded = loading.take(), loaded.request == request, loaded.frame == frame {
            switch loaded.result {
            case .success(let networks):
                beginsStyle = request.model != active.model
                models = networks.models
                active = request
                self.networks = networks
            case .failure(let error):
                refused = request
                failure = error
            }
        }
        if request != active && request != refused && !loading.isBusy {
            let models = request.hasModels(of: models) ? models : nil
            let library = library
            let parts = partCount
            loading.start {
                let result = Result<StyleNetworks, any Error> {
                    let models =
                        try models
                        ?? StyleModels(
                            model: request.model, imageModel: request.imageModel, library: library)
                    return try StyleNetworks(models: models, frame: frame, parts: parts, request: request)
                }
                return Loaded(request: request, frame: frame, result: result)
            }
        }
        return (beginsStyle, failure)
    }
}
