import CGStreamer
import Imaging
import MediaIO

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
        let frames = input.hasPictures ? nil : try VideoFrames(input)
        let upright = Pipeline.uprightFrames(
            deinterlacing: input.isInterlaced ? .auto : nil, direction: frames?.direction ?? "identity")
        pipeline = try Pipeline(
            parsing: """
                appsrc name=source format=time ! queue max-size-buffers=2 max-size-bytes=0 max-size-time=0 ! \(upright) \(filter) \
                ! \(Pipeline.colorConversion) ! video/x-raw,format=RGB \
                ! appsink name=sink sync=false max-buffers=2
                """, input: input.path)
        pipeline.completeUprightFrames()
        frames?.attach(to: pipeline)
        if input.hasPictures { PictureFrames(input, PictureSettings()).attach(to: pipeline) }
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
