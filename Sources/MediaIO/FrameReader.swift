import CGStreamer
import Imaging

/// Reads the frames of a video, a still image (one frame) or an image sequence.
public final class FrameReader {
    /// A decoded frame.
    public struct Frame: Sendable {
        /// The upright frame in picture space: red, green, blue in 0...255.
        public let image: Image
        /// Presentation time in seconds; nil if unknown.
        public let time: Double?
    }

    /// The input and its properties.
    public let input: MediaInput
    private let pipeline: Pipeline
    private let background: Float?
    private var isStarted = false

    /// - Throws: as ``MediaInput/init(_:)``.
    public convenience init(_ path: String) throws(MediaError) {
        try self.init(MediaInput(path))
    }

    /// - Parameter filter: elements that process each frame, in `gst-launch-1.0` syntax.
    public convenience init(_ input: MediaInput, filter: String? = nil) throws(MediaError) {
        try self.init(input, filter: filter, background: nil)
    }

    /// - Parameter background: grey level, 0...255, behind transparent pixels; nil: alpha is ignored.
    init(_ input: MediaInput, filter: String? = nil, background: Float?) throws(MediaError) {
        self.input = input
        self.background = background
        let filter = filter.map { "! queue max-size-buffers=4 ! \($0) ! videoconvert" } ?? ""
        let deinterlacer = input.isInterlaced ? "! \(Deinterlacing.auto.element)" : ""
        pipeline = try Pipeline(
            parsing: """
                \(input.source(frameRate: "25/1")) ! decodebin name=decoder ! identity name=decoded \(deinterlacer) ! videoconvert \
                ! videoflip video-direction=auto \(filter) ! video/x-raw,format=\(background == nil ? "RGB" : "RGBA") \
                ! appsink name=sink sync=false max-buffers=2
                """, input: input.path)
        input.configure(pipeline)
    }

    /// Sets a property of an element of the filter; a string property is set verbatim.
    public func set(_ property: String, of element: String, to value: String) {
        pipeline.set(property, of: element, to: value)
    }

    /// Measures the processing times of the elements with these factory names.
    public func measureTimes(of factories: [String]) -> ElementTimes {
        ElementTimes(in: pipeline, factories: factories)
    }

    /// The next frame; nil after the last.
    ///
    /// - Throws: if the file is damaged.
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
    /// The source element, named `source`, with a parser if one is needed before the decoder. `configure` sets its
    /// path.
    package func source(frameRate: String) -> String {
        switch kind {
        case .video: return "filesrc name=source"
        case .still: return "filesrc name=source\(parser)"
        case .frames(let pattern, let numbers):
            let caps = ImageFormat(path: pattern.text).map { "caps=\($0.caps),framerate=\(frameRate)" } ?? ""
            return "multifilesrc name=source start-index=\(numbers.lowerBound) stop-index=\(numbers.upperBound) \(caps)"
                + parser
        }
    }

    /// `jpegparse` reads the orientation tag of JPEG files. Decoders do not, and `decodebin` does not plug the parser.
    private var parser: String { isJPEG && JPEGParser.exists ? " ! \(JPEGParser.name)" : "" }

    package func configure(_ pipeline: Pipeline) {
        pipeline.set("location", of: "source", to: location)
        pipeline.mendGrayColors(at: "decoded")
    }
}
