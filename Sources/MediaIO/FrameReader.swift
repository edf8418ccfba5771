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
    private var isStarted = false

    /// - Throws: as ``MediaInput/init(_:)``.
    public convenience init(_ path: String) throws(MediaError) {
        try self.init(MediaInput(path))
    }

    /// - Parameter filter: elements that process each frame, in `gst-launch-1.0` syntax.
    public init(_ input: MediaInput, filter: String? = nil) throws(MediaError) {
        self.input = input
        let filter = filter.map { "! queue max-size-buffers=4 ! \($0)" } ?? ""
        let source = input.pictureSource ?? "filesrc name=source ! decodebin name=decoder"
        pipeline = try Pipeline(
            parsing: """
                \(source) ! \(Pipeline.uprightFrames(deinterlacing: input.isInterlaced ? .auto : nil)) \(filter) \
                ! \(Pipeline.colorConversion) ! video/x-raw,format=RGB \
                ! appsink name=sink sync=false max-buffers=2
                """, input: input.path)
        input.configure(pipeline, PictureSettings())
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
        guard let image = sample.image() else { throw .notMedia(input.path) }
        return Frame(image: image, time: sample.time)
    }
}

extension Pipeline {
    /// The elements behind a decoder that make its frames progressive, SDR and upright. `MediaInput.configure` completes
    /// them.
    ///
    /// - Parameters:
    ///   - deinterlacing: nil: frames are progressive.
    ///   - keepsHDR: whether HDR frames stay as they are.
    ///   - direction: how frames are turned to be upright, as `videoflip` names it.
    package static func uprightFrames(
        deinterlacing: Deinterlacing?, keepsHDR: Bool = false, direction: String = "auto"
    ) -> String {
        let deinterlacer = deinterlacing.map { " ! \($0.element)" } ?? ""
        let toneMapping = keepsHDR ? "" : " ! pentimentosdr name=sdr ! identity name=toned"
        return
            "identity name=decoded\(deinterlacer) ! videoconvert\(toneMapping) ! videoflip video-direction=\(direction)"
    }
}

extension MediaInput {
    /// The element, named `source`, that gives decoded pictures; nil if there are none. `configure` sets it up.
    package var pictureSource: String? { hasPictures ? "appsrc name=source format=time" : nil }

    /// Sets up the element named `source`: a `filesrc`, or the one for pictures.
    package func configure(_ pipeline: Pipeline, _ pictures: PictureSettings) {
        if hasPictures {
            PictureFeed.attach(self, pictures, to: pipeline)
        } else {
            pipeline.set("location", of: "source", to: location)
        }
        pipeline.mendUnknownColors(at: "decoded")
        pipeline.markToneMappedColors(at: "toned")
    }
}
