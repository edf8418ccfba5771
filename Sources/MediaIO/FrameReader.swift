import CGStreamer
import Imaging

/// Reads the frames of a video, of a still picture (one) or of a numbered series, one after the other.
public final class FrameReader {
    public struct Frame: Sendable {
        /// Picture space: red, green, blue in 0...255; upright.
        public let image: Image
        /// Presentation time in seconds, where the file has it.
        public let time: Double?
    }

    public let input: MediaInput
    private let pipeline: Pipeline
    private let background: Float?
    private var isStarted = false

    /// - Throws: as `MediaInput`.
    public convenience init(_ path: String) throws(MediaError) {
        try self.init(MediaInput(path))
    }

    /// - Parameter filter: elements that each frame goes through, in the syntax of `gst-launch-1.0`.
    public convenience init(_ input: MediaInput, filter: String? = nil) throws(MediaError) {
        try self.init(input, filter: filter, background: nil)
    }

    /// - Parameter background: the grey, 0...255, that shows through where a frame is transparent; nil: frames lose their
    ///   alpha, and what colour lies under it shows.
    init(_ input: MediaInput, filter: String? = nil, background: Float?) throws(MediaError) {
        self.input = input
        self.background = background
        let filter = filter.map { "! queue max-size-buffers=4 ! \($0) ! videoconvert" } ?? ""
        pipeline = try Pipeline(
            parsing: """
                \(input.source(frameRate: "25/1")) ! decodebin name=decoder ! videoconvert \
                ! videoflip video-direction=auto \(filter) ! video/x-raw,format=\(background == nil ? "RGB" : "RGBA") \
                ! appsink name=sink sync=false max-buffers=2
                """, input: input.path)
        input.configure(pipeline)
    }

    /// Sets a property of an element of the filter to a string as it is.
    public func set(_ property: String, of element: String, to value: String) {
        pipeline.set(property, of: element, to: value)
    }

    /// Measures the elements whose factories have these names.
    public func measureTimes(of factories: [String]) -> ElementTimes {
        ElementTimes(in: pipeline, factories: factories)
    }

    /// The next frame; nil after the last.
    ///
    /// - Throws: where the file is damaged.
    public func next() throws(MediaError) -> Frame? {
        if !isStarted {
            try pipeline.start()
            isStarted = true
        }
        guard let sample = try pipeline.pullSample(from: "sink") else { return nil }
        defer { sample.release() }
        guard let image = sample.image(over: background ?? 0) else { throw .notMedia(input.path) }
        return Frame(image: image, time: sample.time)
    }
}

extension MediaInput {
    /// The pipeline's first element, called `source`, and what has to come before a decoder; `configure` tells it the path.
    func source(frameRate: String) -> String {
        switch kind {
        case .video: return "filesrc name=source"
        case .still: return "filesrc name=source\(parser)"
        case .frames(let pattern, let numbers):
            let caps = PictureFormat(path: pattern.text).map { "caps=\($0.caps),framerate=\(frameRate)" } ?? ""
            return "multifilesrc name=source start-index=\(numbers.lowerBound) stop-index=\(numbers.upperBound) \(caps)"
                + parser
        }
    }

    /// Cameras say in a JPEG which way is up. Its decoder does not read that, its parser does, but is not chosen on its own.
    private var parser: String { isJPEG && JPEGParser.exists ? " ! \(JPEGParser.name)" : "" }

    func configure(_ pipeline: Pipeline) {
        pipeline.set("location", of: "source", to: path)
    }
}
