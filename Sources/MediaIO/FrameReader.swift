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
    private var isStarted = false

    /// - Throws: as `MediaInput`.
    public convenience init(_ path: String) throws(MediaError) {
        try self.init(MediaInput(path))
    }

    public init(_ input: MediaInput) throws(MediaError) {
        self.input = input
        pipeline = try Pipeline(
            parsing: """
                \(input.source(frameRate: "25/1")) ! decodebin name=decoder ! videoconvert \
                ! videoflip video-direction=auto ! video/x-raw,format=RGB \
                ! appsink name=sink sync=false max-buffers=2
                """, input: input.path)
        input.configure(pipeline)
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
        guard let image = sample.image() else { throw .notMedia(input.path) }
        return Frame(image: image, time: sample.time)
    }
}

extension MediaInput {
    /// The pipeline's first element, called `source`; `configure` tells it the path.
    func source(frameRate: String) -> String {
        switch kind {
        case .video, .still: return "filesrc name=source"
        case .frames(let pattern, let numbers):
            let caps = PictureFormat(path: pattern.text).map { "caps=\($0.caps),framerate=\(frameRate)" } ?? ""
            return "multifilesrc name=source start-index=\(numbers.lowerBound) stop-index=\(numbers.upperBound) \(caps)"
        }
    }

    func configure(_ pipeline: Pipeline) {
        pipeline.set("location", of: "source", to: path)
    }
}
