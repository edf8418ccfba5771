import Flow
import Imaging

/// Models, resolution and threads of a stylizer. May change from frame to frame.
public struct StyleRequest: Sendable, Equatable {
    /// Name or path of the model.
    public var model: String
    /// Name or path of the model for frames without a prior (paper equation 15); empty: `model`.
    public var imageModel: String
    /// Shares of the styles of a model with several, such as `great-wave:0.7,scream:0.3`; empty: the style that `model`
    /// names, or the first one.
    public var mix: String
    /// Resolution of the network relative to the frames, 0.1...1.
    public var scale: Double
    /// Size of the strokes relative to those of training, at any frame size: see ``networkScale(width:height:)``. 0: as
    /// the frames' resolution and ``scale`` make it.
    public var brush: Double
    /// Maximum number of threads; 0: one per processor.
    public var threads: Int

    /// The defaults: one model, at the resolution of its training, on all processors.
    public init(
        model: String, imageModel: String = "", mix: String = "", scale: Double = 1, brush: Double = 1, threads: Int = 0
    ) {
        self.model = model
        self.imageModel = imageModel
        self.mix = mix
        self.scale = scale
        self.brush = brush
        self.threads = threads
    }

    func hasModels(of models: StyleModels) -> Bool {
        model == models.name && imageModel == models.imageName
    }

    /// Number of pixels of a frame, 640x360, on which strokes have the size that they were trained for.
    static let brushPixels = 640.0 * 360

    /// The resolution of the network relative to frames of a size.
    ///
    /// With ``brush`` 1 the network works on as many pixels as 640x360 has. A larger brush makes that fewer, with larger
    /// strokes; a smaller one more. Small frames are enlarged only for a brush below 1.
    func networkScale(width: Int, height: Int) -> Double {
        guard brush > 0 else { return scale }
        let ideal = (Self.brushPixels / Double(max(width * height, 1))).squareRoot() / brush
        return scale * min(ideal, max(1, 1 / brush))
    }

    /// The size at which the network works on frames of a size.
    package func networkSize(width: Int, height: Int) -> (width: Int, height: Int) {
        let size = FrameSize(width: width, height: height).scaled(by: networkScale(width: width, height: height))
        return (size.width, size.height)
    }

    /// Whether at most the number of threads differs.
    func differsInThreadsOnly(from other: StyleRequest) -> Bool {
        var same = self
        same.threads = other.threads
        return same == other
    }

    /// Whether at most the mix of styles differs.
    func differsInMixOnly(from other: StyleRequest) -> Bool {
        var same = self
        same.mix = other.mix
        return same == other
    }
}

/// One frame to be stylized.
public struct StyleFrame {
    /// The input frame; overwritten with the stylized one.
    public var pixels: FramePixels
    /// The previous output warped to this frame; nil: frame without a prior.
    public var prior: Prior?
    /// Between this frame and the previous one, at any resolution; nil: not known. Only needed for cross-fades between
    /// styles, and for a previous frame that is held.
    public var flow: FlowPair?
    /// The previous frame, if it is held: it is painted, too.
    public var held: FramePixels?
    /// The frame does not continue the previous one: a scene cut, a seek, a gap.
    public var isDiscontinuous: Bool
    /// Stream time in seconds.
    public var time: Double

    /// - Parameter time: stream time in seconds; cross-fades between styles follow it.
    public init(
        pixels: FramePixels, prior: Prior? = nil, flow: FlowPair? = nil, isDiscontinuous: Bool = false,
        time: Double
    ) {
        self.pixels = pixels
        self.prior = prior
        self.flow = flow
        self.isDiscontinuous = isDiscontinuous
        self.time = time
    }
}

/// What ``Stylizer/stylize(_:request:compositing:coherence:keepsStill:every:holds:fade:)`` returns beside the stylized frame.
public struct StyleResult: Sendable {
    /// The painting, in network space, at the network's resolution; the next frame's prior is made from it.
    public let output: Image
    /// Whether the frame is held: it is unchanged, and painted with the next one or by ``Stylizer/finish(held:)``.
    public let isHeld: Bool
    /// Whether the network painted it. If not, it is the prior with its uncertain pixels filled, and the next frame's prior
    /// is made from the prior and its certainty.
    public let isPainted: Bool
    /// Whether the frame is the first one in a new style.
    public let isStyleChange: Bool
    /// Why the requested style could not be loaded. Reported once; the old style stays in use.
    public let failure: (any Error)?
}

/// Stylizes a stream of frames with feed-forward networks (paper section 5).
///
/// A new style is loaded and planned on another thread and takes over between two frames; the old style then fades out.
/// Not thread-safe.
public final class Stylizer {
    private struct Loaded: Sendable {
        let request: StyleRequest
        let frame: FrameSize
        let result: Result<StyleNetworks, any Error>
    }

    private let library: ModelLibrary
    /// The request that the current models and networks were made for.
    private var active: StyleRequest
    private var models: StyleModels
    private var networks: StyleNetworks?
    private let loading = Background<Loaded>()
    /// The last request that failed.
    private var failed: StyleRequest?
    private var fade: StyleFade?
    private var painter = FramePainter()
    /// Frames since the network painted one.
    private var sincePainted = 0
    /// The previous frame before compositing, including a style that fades out, its time, and the network's input if frames
    /// are left out.
    private var last: (image: Image, time: Double, input: Image?)?
    private var held: HeldFrame?
    private var still = StillAreas()
    private var transition = MixTransition()

    /// Loads the models of `request`.
    ///
    /// - Throws: ``ModelLookupError`` or `ModelError`.
    public init(_ request: StyleRequest, library: ModelLibrary = .standard) throws {
        self.library = library
        active = request
        models = try StyleModels(model: request.model, imageModel: request.imageModel, library: library)
    }

    /// Runs the networks on frames that are batches of stacked images; nil: a frame is a single image.
    ///
    /// If the number of images changes while the frame size does not, call ``prepare(width:height:)`` again.
    public var batchRunner: (any BatchRunner)?

    private var batchSize: Int { batchRunner?.batchSize ?? 1 }

    /// Fill of the prior's uncertain pixels that the network was trained with.
    public var fill: PriorFill { models.fill }

    /// Whether the current model was trained with cube-face borders as prior (paper 6.2).
    public var isTunedForBorders: Bool { models.isTunedForBorders }

    /// Size of the outputs; 0 x 0 until the networks are planned.
    public var networkSize: (width: Int, height: Int) { (networks?.size.width ?? 0, networks?.size.height ?? 0) }

    /// Discards the previous frame: the next one does not continue it.
    public func reset() {
        last = nil
        held = nil
        fade = nil
        still.removeAll()
    }

    /// Waits until the models that are being loaded are ready; the next frame uses them.
    package func waitForModels() { loading.wait() }

    /// Plans the networks for a frame size in advance, so that the first frame need not wait. Calls ``reset()``.
    ///
    /// - Throws: `ModelError` if the network cannot be planned.
    public func prepare(width: Int, height: Int) throws {
        let frame = FrameSize(width: width, height: height)
        reset()
        _ = try planned(for: frame)
    }

    /// Stylizes one frame in place.
    ///
    /// - Parameters:
    ///   - request: if it differs from the current one, it is loaded in the background and used once it is ready.
    ///   - coherence: added to the gate's logit of a gated network: above 0 favours the prior, below 0 the new frame.
    ///   - keepsStill: whether the painting stays as it is where the frame has not changed since; not with a `coherence`
    ///     below 0, nor in batches.
    ///   - every: 2: the network paints every second frame only, where most of the prior is certain; the frames between
    ///     are their priors. 1: every frame.
    ///   - holds: whether frames that are not painted wait for the next one: see ``StyleResult/isHeld``. Then what
    ///     appears in them looks as in that one.
    ///   - fade: duration of the cross-fade between styles, in seconds.
    /// - Throws: `ModelError` if a network cannot be planned for the frame's size; `Cancelled` if the calling thread's
    ///   `Cancellation` is requested; the frame may then be partly written.
    public func stylize(
        _ frame: StyleFrame, request: StyleRequest, compositing: CompositingOptions = CompositingOptions(),
        coherence: Float = 0, keepsStill: Bool = true, every: Int = 1, holds: Bool = false, fade fadeTime: Double = 0.5
    ) throws -> StyleResult {
        let frameSize = FrameSize(width: frame.pixels.width, height: frame.pixels.height)
        if networks?.frame != frameSize { reset() }
        let change = follow(request, frame: frameSize)
        let networks = try planned(for: frameSize)
        let threads = networks.threads
        let prior = prior(of: frame, isStyleChange: change.isStyleChange, fadeTime: fadeTime, threads: threads)
        var (input, isPainted): (Image?, Bool) = (nil, true)
        var output: Image
        if let batchRunner {
            output = try networks.run(
                frame: frame.pixels, prior: prior, batchRunner: batchRunner, coherence: coherence)
        } else {
            let image = networks.networkInput(frame.pixels)
            input = image
            let keepsStill = keepsStill && coherence >= 0
            if prior == nil || !keepsStill { still.removeAll() }
            let flow = keepsStill && !transition.isRunning ? frame.flow?.backward : nil
            let kept = flow.flatMap { still.kept(in: image, flow: $0, threads: threads) }
            isPainted = fade != nil || held != nil || sincePainted + 1 >= every || !(prior?.isMostlyCertain ?? false)
            if let prior, !isPainted {
                // There is no fade here, so that the last picture is the network's.
                let between = HeldFrame(
                    prior: networks.fitting(prior), frame: image,
                    last: last.flatMap { last in last.input.map { (frame: $0, painting: last.image) } },
                    kept: kept, coherence: coherence, compositing: compositing, time: frame.time)
                if holds {
                    held = between
                    sincePainted += 1
                    return StyleResult(
                        output: between.prior.image, isHeld: true, isPainted: false, isStyleChange: false,
                        failure: change.failure)
                }
                output = between.painting(before: nil, threads: threads)
            } else {
                output = try networks.run(frame: image, prior: prior, coherence: coherence)
                if let kept { output = kept.applied(to: output, threads: threads) }
                if keepsStill { still.note(output, of: image, keeping: kept, threads: threads) }
                if let held, let pixels = frame.held, let flow = frame.flow?.forward {
                    let next = HeldFrame.Successor(frame: image, painting: output, flow: flow)
                    show(held, as: held.painting(before: next, threads: threads), on: pixels)
                }
            }
        }
        held = nil
        sincePainted = isPainted ? 0 : sincePainted + 1
        output.batchSize = batchSize

        if let fade, fade.remaining(at: frame.time) <= 0 { self.fade = nil }
        let shown = fade.map { $0.mixed(into: output, at: frame.time, threads: threads) } ?? output
        last = (shown, frame.time, every > 1 ? input : nil)
        compositing.paint(shown, of: input, by: &painter, over: frame.pixels, threads: threads)
        try Cancellation.check()
        return StyleResult(
            output: output, isHeld: false, isPainted: isPainted, isStyleChange: change.isStyleChange,
            failure: change.failure)
    }

    /// What a frame continues: shows what is held if it does not continue that, and begins or ends the fade.
    private func prior(of frame: StyleFrame, isStyleChange: Bool, fadeTime: Double, threads: Int) -> Prior? {
        // The next style says nothing about this one, nor does a frame that does not continue the held one.
        if let held = frame.held {
            if isStyleChange {
                show(held)
            } else if frame.isDiscontinuous || frame.flow == nil {
                finish(held: held)
            }
        }

        if frame.isDiscontinuous {
            fade = nil
        } else if isStyleChange, let last, fadeTime > 0 {
            fade = StyleFade(image: last.image, start: last.time, duration: fadeTime)
        }
        if let flow = frame.flow?.backward { fade?.follow(flow.withBatchSize(batchSize), threads: threads) }

        guard !isStyleChange, !frame.isDiscontinuous, let prior = frame.prior else {
            transition.end()
            return nil
        }
        var continued = transition.prior(prior)
        continued?.batchSize = batchSize
        return continued
    }

    /// Paints a frame that is held, if no frame follows that continues it: by the network, since nothing says what is where
    /// the prior is uncertain.
    public func finish(held pixels: FramePixels) {
        guard let held else { return }
        let output = try? networks?.run(frame: held.frame, prior: held.prior, coherence: held.coherence)
        guard let output else { return show(pixels) }
        show(held, as: held.kept?.applied(to: output, threads: active.threads) ?? output, on: pixels)
    }

    /// Paints the frame that is held without a network.
    private func show(_ pixels: FramePixels) {
        guard let held else { return }
        show(held, as: held.painting(before: nil, threads: active.threads), on: pixels)
    }

    private func show(_ held: HeldFrame, as painting: Image, on pixels: FramePixels) {
        held.compositing.paint(painting, of: held.frame, by: &painter, over: pixels, threads: active.threads)
        last = (painting, held.time, held.frame)
        self.held = nil
    }

    private func planned(for frame: FrameSize) throws -> StyleNetworks {
        if let networks, networks.frame == frame { return networks }
        // Free the old networks' memory before the new ones allocate.
        networks = nil
        let planned = try StyleNetworks(models: models, frame: frame, batchSize: batchSize, request: active)
        networks = planned
        return planned
    }

    /// Takes over what was loaded in the background, and starts to load what `request` needs.
    private func follow(_ request: StyleRequest, frame: FrameSize) -> (isStyleChange: Bool, failure: (any Error)?) {
        var isStyleChange = false
        var failure: (any Error)?
        if request != failed { failed = nil }
        // A result for another request or size is dropped; the right one is loaded below.
        if let loaded = loading.take(), loaded.request == request, loaded.frame == frame {
            switch loaded.result {
            case .success(let networks):
                isStyleChange = request.model != active.model
                if !request.differsInThreadsOnly(from: active) { transition.begin(1) }
                models = networks.models
                active = request
                self.networks = networks
            case .failure(let error):
                failed = request
                failure = error
            }
        }
        if request != active, request != failed, let networks, request.differsInMixOnly(from: active) {
            do {
                try networks.mix(request.mix)
                transition.begin(models.video.difference(of: request.mix, from: active.mix))
                active = request
            } catch {
                failed = request
                failure = error
            }
        }
        if request != active && request != failed && !loading.isBusy {
            let models = request.hasModels(of: models) ? models : nil
            let library = library
            let batchSize = batchSize
            loading.start {
                let result = Result<StyleNetworks, any Error> {
                    let models =
                        try models
                        ?? StyleModels(
                            model: request.model, imageModel: request.imageModel, library: library)
                    return try StyleNetworks(models: models, frame: frame, batchSize: batchSize, request: request)
                }
                return Loaded(request: request, frame: frame, result: result)
            }
        }
        return (isStyleChange, failure)
    }
}
