import CAVFormat
import CGStreamer
import MediaIO
import Support

/// Reads frames, processes them with GStreamer elements, and writes them: video to video with sound, image to image,
/// sequence to sequence, or between sequence and video. Timestamps, rotation and sound are kept. Output files appear
/// when they are complete.
public final class Conversion {
    /// Options of a conversion.
    public struct Settings: Sendable {
        /// Frame size for the elements; nil: the input's size.
        public var size: RequestedSize?
        /// Start time in seconds; nil: the beginning.
        public var start: Double?
        /// Duration in seconds; nil: to the end.
        public var duration: Double?
        /// What is written, whatever the extension of the output.
        public var format = OutputFormat.auto
        /// Encoder quality, 1...100; 80 is visually almost lossless.
        public var quality = 80
        /// What is done with interlaced frames, of which each holds two moments.
        public var deinterlacing = Deinterlacing.auto
        /// Whether HDR frames stay as they are, in 10 bits; otherwise they are mapped to SDR.
        public var keepsHDR = false
        /// Bits of a video's values, 8 or 10.
        public var bitDepth = 8
        /// Whether files of a series that are missing or damaged are left out.
        public var keepsGoing = false
        /// Whether alpha is kept where the container holds it.
        public var keepsAlpha = true
        /// The sounds that are taken.
        public var sounds = StreamChoice.all
        /// The subtitles that are taken.
        public var subtitles = StreamChoice.all
        /// Frame rate of an image sequence as a fraction, in frames per second.
        public var frameRate = "25/1"
        /// Threads of the encoder; 0: all processors.
        public var threads = 0
        /// Whether existing outputs may be replaced.
        public var replacing = false
        /// Frame size behind the elements, if they change it.
        public var outputSize: (width: Int, height: Int)?
        /// 360-degree metadata to write to the output.
        public var spherical: SphericalMetadata?
        /// The frames of a film that are painted into a Matroska file without loss; nil: all, or those of the time range.
        public var part: FilmPart?
        /// Whether frames are seen as those of the input, so that its 360-degree and stereo metadata hold for the output.
        public var keepsProjection = true

        /// The whole input at its own size; existing files are kept.
        public init() {}
    }

    /// Progress of a conversion.
    public struct Progress: Sendable {
        /// Frames processed by the elements.
        public var frames: Int
        /// Time of the last of these frames in seconds from the start of the conversion.
        public var time: Double
    }

    /// The input and its properties.
    public let input: MediaInput
    /// The output format.
    public let output: MediaOutput
    /// Width of the frames that enter the elements, in pixels.
    public let width: Int
    /// Height of these frames.
    public let height: Int
    private let outputSize: (width: Int, height: Int)
    private let outputPath: String
    private let settings: Settings
    /// Written into the output.
    private let spherical: SphericalMetadata?
    private let pictures: PictureSettings
    private let pipeline: Pipeline
    private let counter = FrameCounter()
    /// The decoded frames of a video.
    private let frames: VideoFrames?
    private let pictureFrames: PictureFrames?
    /// Painted frames that are joined; they take the place of those of the input.
    private let parts: PartSequence?
    private let steadySize: SteadySize?
    private let alpha: InputAlpha
    /// The input's streams; nil if it has pictures only.
    private let container: InputContainer?
    private let file: WholeFile?

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

        if path == MediaOutput.standard {
            file = nil
            if settings.spherical != nil {
                throw MediaError("\(path): 360-degree metadata cannot be written to standard output; name a file")
            }
        } else if case .frames(let pattern) = output {
            file = nil
            try pattern.checkOutput(from: input, replacing: settings.replacing)
        } else {
            file = try MediaError.wrapping { () throws(FileError) in
                try WholeFile(outputPath, replacing: settings.replacing)
            }
        }
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

    /// What is said before the first frame.
    private func firstNotes() throws(MediaError) -> [String] {
        // Whoever painted the parts has read the others.
        guard parts == nil else { return [] }
        var notes: [String] = []
        if input.isInterlaced, let interlacedNote { notes.append(interlacedNote) }
        if container?.isHDR == true {
            notes.append(
                settings.keepsHDR
                    ? "HDR frames: kept as they are; styles, which were trained with SDR, may look pale"
                    : "HDR frames: mapped to SDR; --keep-hdr keeps them as they are")
        }
        if case .plain(let format) = output, let passing {
            notes += try PassedStreams.losses(of: passing, in: format.rawValue)
        }
        return notes + input.remarks + [alpha.note].compactMap { $0 }
    }

    /// What is said after the last frame.
    private var lastNotes: [String] {
        guard parts == nil else { return [] }
        let isWhole = settings.start == nil && settings.duration == nil && settings.part == nil
        var notes: [String?] = [skippedNote, wholeness?.note(isWhole: isWhole)]
        if !input.isInterlaced, frames?.isInterlaced == true { notes.append(interlacedNote) }
        notes.append(alpha.lateNote(hasCome: pictureFrames?.hasAlpha == true))
        return notes.compactMap { $0 }
    }

    private var interlacedNote: String? {
        [.auto, .fields].contains(settings.deinterlacing)
            ? "interlaced frames: made progressive; --deinterlace off keeps them as they are" : nil
    }

    /// What is written into files to which libavformat does not write it: QuickTime's and pictures.
    private static func keptProjection(
        of input: MediaInput, in output: MediaOutput, _ settings: Settings
    ) -> SphericalMetadata? {
        guard settings.keepsProjection else { return nil }
        if case .video(let container) = output, container != .mov { return nil }
        let found = try? SphericalMetadata.read(ofFirstFileIn: input)
        return found?.isStereo == false ? found : nil
    }

    private static func pictureSettings(_ settings: Settings, isVideo: Bool) -> PictureSettings {
        var pictures = PictureSettings(
            frameRate: settings.frameRate, start: settings.start, duration: settings.duration)
        pictures.isOneSize = isVideo && settings.size == nil
        pictures.keepsGoing = settings.keepsGoing
        return pictures
    }

    /// What was changed or lost of fields, sounds, subtitles and attachments, one line each; known at the end.
    public private(set) var notes: [String] = []

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

    private var wholeness: Wholeness? {
        guard let frames, let container else { return nil }
        return Wholeness(input: input, container: container, frames: frames, done: counter.progress.frames)
    }

    private var skippedNote: String? {
        guard let skipped = pictureFrames?.skipped, let first = skipped.first else { return nil }
        let others = skipped.count > 1 ? " and \(skipped.count - 1) others" : ""
        return
            "\(skipped.count) of \(input.frameCount ?? 0) pictures are missing or damaged, and left out: \(first)\(others)"
    }

    private var startAdvice: String {
        guard let start = settings.start, let duration = input.duration, start >= duration else { return "" }
        return ": it ends after \(seconds(duration)) seconds, before --start"
    }

    private func check(_ poll: (Progress) -> Pipeline.Verdict) throws(MediaError) {
        if poll(counter.progress) == .cancel { throw MediaError("interrupted; \(outputPath) was not written") }
    }

    private func writeVideo(
        _ format: VideoContainer, _ poll: (Progress) -> Pipeline.Verdict
    ) throws(MediaError) {
        let location = file?.temporaryPath ?? MediaOutput.standard
        let video = VideoFile(
            format, at: location, name: outputPath, timeBase: timeBase, passing: { self.passing },
            tags: { self.partTags })
        var skipped = 0
        while true {
            let sample = try pipeline.pullSample(from: "sink") { () throws(MediaError) in try check(poll) }
            guard let sample else { break }
            defer { sample.release() }
            // The encoder's parser forgets how long frames of a varying rate are shown.
            let shown = sample.runningTimes.shown
            let duration = shown.flatMap { input.durationOfFrame(at: $0, pictures) }
            if let part = settings.part, let shown, !part.holds(shown) {
                skipped += 1
                continue
            }
            let alpha =
                self.alpha.coding == .secondStream
                ? try pipeline.pullSample(from: "alpha") { () throws(MediaError) in try check(poll) } : nil
            defer { alpha?.release() }
            let addition = settings.part == nil ? nil : block(of: sample, shown: shown ?? 0).bytes
            try video.write(sample, duration: duration, alpha: alpha, addition: addition)
        }
        try video.finish(expected: counter.progress.frames - skipped)
        notes += video.notes + [steadySize?.note].compactMap { $0 }
    }

    private func writePlain(_ format: PlainFormat, _ poll: (Progress) -> Pipeline.Verdict) throws(MediaError) {
        let frames = try PlainFrames(format, at: file?.temporaryPath ?? MediaOutput.standard, name: outputPath)
        while true {
            let sample = try pipeline.pullSample(from: "sink") { () throws(MediaError) in try check(poll) }
            guard let sample else { break }
            defer { sample.release() }
            try frames.write(sample)
        }
        try frames.finish(expected: counter.progress.frames)
        notes += [steadySize?.note, format == .raw ? frames.description : nil].compactMap { $0 }
    }

    /// What the input gives to the output, beside its frames.
    private var passing: VideoFile.Passing? {
        guard let container, settings.part == nil else { return nil }
        let isPart = settings.start != nil || settings.duration != nil
        return VideoFile.Passing(
            input: container, sounds: settings.sounds, subtitles: settings.subtitles,
            sideData: sideData,
            start: container.start + Int64((settings.start ?? 0) * 1e9),
            duration: settings.duration.map { Int64($0 * 1e9) }, isSeeking: isPart)
    }

    /// Why the frames of a part are not those of the input; nil if they are, so far.
    public var partProblem: String? { frames?.partProblem }

    private func block(of sample: Sample, shown: Int64) -> PartBlock {
        let bytes = sample.bytes()
        return PartBlock(
            shown: shown, duration: sample.duration, checksum: PartBlock.checksum(of: bytes, count: bytes.count))
    }

    /// Of a part, with the caps of its frames.
    private var partTags: [(name: String, value: String)] {
        guard let part = settings.part else { return [] }
        return part.tags + [(FilmPart.capsTag, pipeline.caps(before: "encoder") ?? "")]
    }

    /// What still holds for the painted pictures. Decoders know of some only from the first frame on.
    private var sideData: [SideData] {
        SideData.merged(container?.video.map(SideData.all(of:)) ?? [], frames?.sideData ?? [])
            .filter { $0.isOfDisplay ? settings.keepsHDR : settings.keepsProjection }
    }

    /// Of the output's frames: as in the input.
    private var timeBase: AVRational {
        if let base = container?.video?.pointee.time_base { return base }
        // Animations count in hundredths or thousandths of a second, or in fractions such as 1/30.
        if input.kind == .video { return AVRational(num: 1, den: 90_000) }
        let parts = settings.frameRate.split(separator: "/").compactMap { Int32($0) }
        return parts.count == 2 && parts[0] > 0 && parts[1] > 0
            ? AVRational(num: parts[1], den: parts[0]) : AVRational(num: 1, den: 90_000)
    }

    private func writeFrames(_ pattern: FramePattern, _ poll: (Progress) -> Pipeline.Verdict) throws(MediaError) {
        var number = 1
        if case .frames(_, let numbers) = input.kind { number = numbers.lowerBound }
        while true {
            let sample = try pipeline.pullSample(from: "sink") { () throws(MediaError) in try check(poll) }
            guard let sample else { return }
            defer { sample.release() }
            let (bytes, size) = (sample.bytes(), outputSize)
            let image =
                spherical?.written(intoImage: bytes, width: size.width, height: size.height) ?? bytes
            // Those of a series keep their numbers, also behind one that is left out.
            if case .frames(_, let numbers) = input.kind, let time = sample.runningTimes.shown {
                number = numbers.lowerBound + pictures.place(at: time)
            }
            let path = pattern.path(number)
            try MediaError.wrapping { () throws(FileError) in
                try WholeFile.write(image, to: path, replacing: settings.replacing)
            }
            number += 1
        }
    }

    private func seconds(_ value: Double) -> String {
        String((value * 100).rounded() / 100)
    }
}
