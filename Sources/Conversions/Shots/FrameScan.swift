import CGStreamer
import MediaIO

/// Finds when the frames of a video are shown, as elements see them, and what elements say of them. No frame is kept.
public final class FrameScan {
    /// Nanoseconds from the beginning of the file.
    public struct Frame: Sendable, Equatable {
        /// When it is shown.
        public var time: Int64
        /// How long it is shown.
        public var duration: Int64
    }

    private let input: MediaInput
    private let pipeline: Pipeline
    private let frames: VideoFrames
    private let container: InputContainer
    /// How many frames are missing; nil if none is.
    public private(set) var note: String?
    private let steadySize: SteadySize?
    /// Size of the frames for the elements, in pixels.
    public let (width, height): (Int, Int)

    /// - Parameters:
    ///   - filter: elements from raw video to raw video.
    ///   - settings: those of the conversion, for its frames' size and colors.
    /// - Throws: if the input is no video, or an element is missing.
    public init(_ input: MediaInput, filter: String, settings: Conversion.Settings) throws(MediaError) {
        guard input.kind == .video, !input.hasPictures else {
            throw MediaError("\(input.path): is no video, so it has no shots")
        }
        self.input = input
        let size = settings.size?.resolved(for: input)
        (width, height) = size ?? (input.width, input.height)
        frames = try VideoFrames(input)
        // The format that an encoder would get, so that elements see the same frames.
        pipeline = try Pipeline(
            parsing: ConversionElements(
                output: .plain(.y4m), path: input.path, settings: settings, size: size, outputSize: (width, height),
                direction: frames.direction, alpha: nil
            ).description(filter: filter), input: input.path)
        pipeline.completeUprightFrames()
        container = try InputContainer(input.path, at: input.location)
        if let peak = container.peakLuminance { pipeline.set("peak", of: "sdr", to: "\(peak)") }
        steadySize = size == nil ? SteadySize(pipeline) : nil
        frames.attach(to: pipeline)
    }

    /// Sets a handler for element messages with a name, as ``Conversion/onMessage(_:_:)`` does.
    public func onMessage(_ name: String, _ body: @escaping (ElementMessage) -> Void) {
        pipeline.onElementMessage = { message in
            if let message = ElementMessage(message, name: name) { body(message) }
        }
    }

    /// Reads the whole video.
    ///
    /// - Parameter poll: called with the number of frames so far.
    /// - Returns: the frames in the order in which they are shown.
    /// - Throws: if the input is damaged or has no frame, its frames change their size, or `poll` cancels.
    public func run(poll: (Int) -> Pipeline.Verdict = { _ in .goOn }) throws(MediaError) -> [Frame] {
        try pipeline.start()
        defer { pipeline.stop() }
        var found: [Frame] = []
        func check() throws(MediaError) {
            if poll(found.count) == .cancel { throw MediaError("\(input.path): interrupted while it was read") }
        }
        while let sample = try pipeline.pullSample(from: "sink", poll: { () throws(MediaError) in try check() }) {
            defer { sample.release() }
            guard let time = sample.runningTimes.shown else {
                throw MediaError("\(input.path): has a frame without a time")
            }
            found.append(Frame(time: time, duration: sample.duration ?? 0))
        }
        try pipeline.finishMessages()
        try check()
        guard !found.isEmpty else { throw MediaError("\(input.path): no frame could be decoded") }
        let wholeness = Wholeness(input: input, container: container, frames: frames, done: found.count)
        try wholeness.check()
        note = wholeness.note(isWhole: true)
        if steadySize?.note != nil {
            throw MediaError("\(input.path): its frames change their size; give all the same one by --size")
        }
        return found
    }
}
