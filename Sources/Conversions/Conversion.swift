import MediaIO
import Support

/// Reads frames, processes them with GStreamer elements, and writes them: video to video with sound, image to image,
/// sequence to sequence, or between sequence and video. Timestamps, rotation and sound are kept. Output files appear
/// when they are complete.
public final class Conversion {
    /// The input and its properties.
    public let input: MediaInput
    /// The output format.
    public let output: MediaOutput
    /// Width of the frames that enter the elements, in pixels.
    public let width: Int
    /// Height of these frames.
    public let height: Int
    let outputSize: (width: Int, height: Int)
    let outputPath: String
    let settings: Settings
    /// Written into the output.
    let spherical: SphericalMetadata?
    let pictures: PictureSettings
    let pipeline: Pipeline
    let counter = FrameCounter()
    /// The decoded frames of a video.
    let frames: VideoFrames?
    let pictureFrames: PictureFrames?
    /// Painted frames that are joined; they take the place of those of the input.
    let parts: PartSequence?
    let steadySize: SteadySize?
    let alpha: InputAlpha
    /// The input's streams; nil if it has pictures only.
    let container: InputContainer?
    let file: WholeFile?

    /// - Parameters:
    ///   - filter: elements from raw video to raw video, in `gst-launch-1.0` syntax.
    /// - Throws: if the output cannot be written or does not match the input, or an element is missing.
    public convenience init(
        _ input: MediaInput, to path: String, filter: String, settings: Settings
    ) throws(MediaError) {
        try self.init(input, to: path, filter: filter, parts: nil, settings)
    }

    /// - Parameters:
    ///   - filter: nil: the frames are those of the parts.
    ///   - parts: nil: the frames are those of the input.
    init(
        _ input: MediaInput, to path: String, filter: String?, parts: PartSequence?, _ settings: Settings
    ) throws(MediaError) {
        self.input = input
        self.parts = parts
        output = try MediaOutput(path, as: settings.format)
        let outputPath = FramePattern.literal(path)
        self.outputPath = outputPath
        self.settings = settings
        let size = settings.size?.resolved(for: input)
        try Self.check(input, output, outputPath, settings)
        (width, height) = size ?? (input.width, input.height)
        outputSize = settings.outputSize ?? (width, height)
        try Self.checkSize(outputSize, isGiven: size != nil, output, outputPath)

        file = try Self.reserved(output, at: path, from: input, settings)
        pictures = Self.pictureSettings(settings, isVideo: output.isVideo)
        spherical = settings.spherical ?? Self.keptProjection(of: input, in: output, settings)
        container = input.hasPictures ? nil : try InputContainer(input.path, at: input.location)
        frames =
            input.hasPictures
            ? nil
            : try VideoFrames(input, start: settings.start, duration: settings.duration, part: settings.part)
        pictureFrames = input.hasPictures ? PictureFrames(input, pictures) : nil
        alpha = InputAlpha(
            output: output, path: outputPath, isKept: settings.keepsAlpha,
            isThere: { [container, pictures] in container?.hasAlpha ?? input.firstPictureHasAlpha(pictures) })
        let elements = ConversionElements(
            output: output, path: outputPath, settings: settings, size: size, outputSize: outputSize,
            direction: frames?.direction ?? "identity", alpha: alpha.coding)
        pipeline = try Pipeline(
            parsing: filter.map { elements.description(filter: $0) } ?? elements.joining, input: input.path,
            output: outputPath)
        pipeline.completeUprightFrames()
        if let file, case .still = output { pipeline.set("location", of: "sink", to: file.temporaryPath) }
        steadySize = output.isVideo && size == nil && parts == nil ? SteadySize(pipeline) : nil
        if let peak = container?.peakLuminance { pipeline.set("peak", of: "sdr", to: "\(peak)") }
        if let parts {
            parts.attach(to: pipeline)
            try frames?.readFirst()
        } else {
            frames?.attach(to: pipeline)
            pictureFrames?.attach(to: pipeline)
        }
        counter.watch(pipeline, "filtered")
        notes = try firstNotes()
    }

    /// What was changed or lost of fields, sounds, subtitles and attachments, one line each; known at the end.
    public internal(set) var notes: [String] = []

    /// Sets a property of an element of the filter; a string property is set verbatim.
    public func set(_ property: String, of element: String, to value: String) {
        pipeline.set(property, of: element, to: value)
    }

    /// Measures the processing times of the elements with these factory names.
    public func measureTimes(of factories: [String]) -> ElementTimes {
        ElementTimes(in: pipeline, factories: factories)
    }

    /// Sets a handler for element messages with a name. It is called on the thread of ``run(poll:)``.
    public func onMessage(_ name: String, _ body: @escaping (ElementMessage) -> Void) {
        pipeline.onElementMessage = { message in
            if let message = ElementMessage(message, name: name) { body(message) }
        }
    }

    /// Sets a handler for the warnings of elements.
    public func onWarning(_ body: @escaping (String) -> Void) {
        pipeline.onWarning = body
    }

    /// Runs the conversion and moves the output to its path.
    ///
    /// - Parameter poll: called ten times a second with the progress.
    /// - Returns: the final progress.
    /// - Throws: if the input is damaged or has no frame in the time range, the output cannot be written, an element
    ///   fails, or `poll` cancels.
    public func run(poll: (Progress) -> Pipeline.Verdict = { _ in .goOn }) throws(MediaError) -> Progress {
        try pipeline.start()
        defer { pipeline.stop() }
        switch output {
        case .frames(let pattern): try writeFrames(pattern, poll)
        case .video(let container): try writeVideo(container, poll)
        case .plain(let format): try writePlain(format, poll)
        case .still: while try pipeline.step(timeout: 100_000_000) { try check(poll) }
        }
        if output != .still { try pipeline.finishMessages() }
        // Polls once more, since a signal may have arrived with the last frame.
        try check(poll)
        let progress = counter.progress
        if progress.frames == 0 { throw MediaError("\(input.path): no frame could be decoded\(startAdvice)") }
        if settings.start == nil, settings.duration == nil, settings.part == nil, parts == nil {
            try wholeness?.check()
        }
        notes += lastNotes
        if case .video = output, frames?.hasCaptions == true { notes.append("closed captions: left out") }
        pipeline.stop()
        if let file, !file.isDevice {
            try spherical?.write(
                into: file.temporaryPath, name: outputPath, width: outputSize.width, height: outputSize.height)
        }
        if let file { try MediaError.wrapping(file.commit) }
        return progress
    }

    /// Why the frames of a part are not those of the input; nil if they are, so far.
    public var partProblem: String? { frames?.partProblem }

    func check(_ poll: (Progress) -> Pipeline.Verdict) throws(MediaError) {
        if poll(counter.progress) == .cancel { throw MediaError("interrupted; \(outputPath) was not written") }
    }
}
