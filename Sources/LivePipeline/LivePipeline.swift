import CGStreamer
import GStreamerKit
import GstPentimento
import Imaging
import MediaIO
import Studio
import Style

/// A painting that plays: pictures of an input, painted, to any number of outputs. Each of them has a pipeline and a
/// thread of its own; one that fails is taken out and tried again, and the others go on.
package final class LivePipeline: LivePainting {
    package struct Settings: Sendable {
        package var input = LiveInput.test
        package var outputs: [LiveOutput] = []
        package var wish = FrameWish()
        package var quality = Quality.auto
        package var masks = LiveMasks()
        package var sound: LiveSound?
        /// Where pictures and recordings go.
        package var folder = "."
        /// Given lines about what happens, on any thread.
        package var say: @Sendable (String) -> Void = { _ in }

        package init() {}
    }

    /// What there is once the first frame is painted.
    package struct Facts: Sendable, Equatable {
        package var input = ""
        package var width = 0
        package var height = 0
        /// That of the input, in frames a second; 0: not known.
        package var frameRate = 0.0
        package var outputs: [String] = []
    }

    private let settings: Settings
    private let liveStyles: LiveStyles
    private let reports: LiveReports
    private let painting: PaintingPart
    private let paintingKeeper: PipelineKeeper
    private let input: InputPart
    private let inputKeeper: PipelineKeeper
    private let outputs: LiveOutputs
    private let previewers: PreviewList
    private let thumbnails = ThumbnailPainter()
    private let frames: FrameHub

    /// - Parameters:
    ///   - styles: that can be painted.
    ///   - state: at the beginning.
    /// - Throws: if there is no style of the state's name.
    package init(_ settings: Settings, styles: LiveStyles, state: StudioState) throws {
        LiveMemory.limitArenas()
        startGStreamer()
        guard registerPentimentoElements() else { throw MediaError("GStreamer refuses this program's elements") }
        self.settings = settings
        liveStyles = styles
        guard styles.choice(state.style) != nil else { throw styles.unknown(state.style) }
        let reports = LiveReports(say: settings.say)
        let frames = FrameHub()
        self.reports = reports
        self.frames = frames
        let painting = Unowned<PaintingPart>()
        let input = InputPart(
            settings.input, settings.wish,
            take: { frame in
                frames.came(frame)
                painting.value?.slot.put(frame)
            }, failed: { frames.fail($0, isFatal: !settings.input.isAwaited) })
        self.input = input
        let part = PaintingPart(
            StyleControl(styles, settings.masks, state, quality: settings.quality), quality: settings.quality,
            caps: { input.caps },
            take: { frames.painted($0) }, failed: { frames.fail($0, isFatal: true) })
        painting.value = part
        self.painting = part
        inputKeeper = PipelineKeeper(input, reports)
        paintingKeeper = PipelineKeeper(part, reports)
        outputs = LiveOutputs(frames, reports, sound: settings.sound)
        previewers = PreviewList(frames, reports)
        apply(state)
    }

    // MARK: Playing

    /// Begins to play.
    ///
    /// - Throws: if the system has no more threads.
    package func start() throws {
        try paintingKeeper.start()
        for output in settings.outputs { try outputs.add(output) }
        try inputKeeper.start()
        try frames.startRepeating()
    }

    /// Waits for the first painted frame.
    ///
    /// - Parameter seconds: for which it waits at most.
    /// - Returns: what there is; nil if it takes longer.
    /// - Throws: if there is an error that will not go by itself, such as a camera that another program has.
    package func facts(within seconds: Double) throws -> Facts? {
        guard let frame = try frames.first(within: seconds) else { return nil }
        var facts = Facts()
        facts.input = settings.input.name
        if let format = frame.format {
            (facts.width, facts.height) = (format.width, format.height)
            facts.frameRate = Double(format.frameRate.numerator) / Double(format.frameRate.denominator)
        }
        facts.outputs = settings.outputs.map(\.name)
        return facts
    }

    /// Whether there is an output beside the page.
    package var hasOutputs: Bool { outputs.count > 0 }

    /// Frames that were painted since the beginning.
    package var frameCount: Int { frames.count }

    /// Ends everything; recordings are completed. Returns when that is done.
    package func stop() {
        thumbnails.end()
        previewers.stop()
        outputs.stop()
        frames.end()
        inputKeeper.stop()
        paintingKeeper.stop()
        inputKeeper.join()
        paintingKeeper.join()
    }

    // MARK: LivePainting

    package func apply(_ state: StudioState) {
        painting.control.apply(state)
        outputs.record(state.isRecording, as: "\(settings.folder)/pentimento.mkv")
    }

    /// Has a function called, on some thread, when a recording that the state asks for has failed for good, such as on a
    /// full disk.
    package func onFailedRecording(_ body: @escaping @Sendable () -> Void) { outputs.onGivingUp(body) }

    package var styles: [StudioStyle] { liveStyles.shown }

    package var masks: [String] { settings.masks.names }

    package func previews(width: Int, rate: Int) -> AsyncStream<[UInt8]> { previewers.stream(width: width, rate: rate) }

    package func thumbnail(of style: String, width: Int) async throws -> [UInt8] {
        guard let choice = liveStyles.choice(style) else { throw liveStyles.unknown(style) }
        let frame = try await frames.next(.input)
        return try await thumbnails.paint(frame, choice, width: max(16, width))
    }

    package func snapshot() async throws -> String {
        let frame = try await frames.next(.painting)
        let image = try frame.withPixels { $0.pictureImage() }
        return try PictureName.write(image, as: "\(settings.folder)/pentimento.png")
    }

    package var statistics: LiveStatistics {
        var statistics = frames.statistics
        statistics.dropped = painting.slot.dropped
        statistics.trouble = reports.text
        return statistics
    }
}

/// A reference that is set once, before any thread reads it.
private final class Unowned<Value: AnyObject & Sendable>: @unchecked Sendable {
    weak var value: Value?
}
