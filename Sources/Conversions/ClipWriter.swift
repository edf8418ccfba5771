import CAVFormat
import CGStreamer
import Imaging
import MediaIO
import Support

/// Writes images as the frames of a video. The file appears when it is complete.
public final class ClipWriter {
    private let path: String
    private let pipeline: Pipeline
    private let file: WholeFile
    private let width: Int
    private let height: Int
    private let frameRate: Int
    private let video: VideoFile
    private var count = 0

    /// - Parameters:
    ///   - path: the extension selects the container and codec (``MediaOutput``).
    ///   - width: frame width in pixels, and `height` the frame height.
    ///   - frameRate: frames per second.
    ///   - quality: 1...100; 80 is visually almost lossless.
    ///   - replacing: whether an existing file may be replaced.
    /// - Throws: if the extension is not that of a video, the frames are too small for the codec, or the file cannot be
    ///   created.
    public init(
        _ path: String, width: Int, height: Int, frameRate: Int, quality: Int = 80, replacing: Bool = false
    ) throws(MediaError) {
        guard case .video(let container) = try MediaOutput(path) else {
            throw MediaError("\(path): is not the name of a video; write .mp4, .mov, .mkv or .webm")
        }
        guard min(width, height) >= container.smallestSide else {
            throw MediaError("\(path): H.264 has no frames of \(width) x \(height), the least is 16 x 16; write .webm")
        }
        self.path = path
        self.width = width
        self.height = height
        self.frameRate = frameRate
        file = try MediaError.wrapping { () throws(FileError) in try WholeFile(path, replacing: replacing) }
        video = VideoFile(
            container, at: file.temporaryPath, name: path, timeBase: AVRational(num: 1, den: Int32(clamping: frameRate))
        )
        let encoder = container.videoEncoder(
            quality: quality, threads: 0, isEven: width.isMultiple(of: 2) && height.isMultiple(of: 2))
        pipeline = try Pipeline(
            parsing: """
                appsrc name=source format=time block=true max-buffers=4 max-bytes=0 \
                caps=video/x-raw,format=RGB,width=\(width),height=\(height),framerate=\(frameRate)/1 \
                ! \(Pipeline.colorConversion) ! \(encoder) ! appsink name=sink sync=false
                """, input: path)
        try pipeline.start()
    }

    deinit { pipeline.stop() }

    /// Adds a frame. Blocks while the encoder's queue is full.
    ///
    /// - Precondition: the image is in picture space and has the clip's size.
    /// - Throws: if the frame cannot be encoded or written.
    public func append(_ image: Image) throws(MediaError) {
        precondition(image.width == width && image.height == height, "a clip's frames have its size")
        var pixels = image.packedRGB()
        let buffer = pixels.withUnsafeMutableBytes { gst_buffer_new_memdup($0.baseAddress, UInt($0.count)) }
        guard let buffer else { throw MediaError("\(path): no memory for a frame") }
        buffer.pointee.pts = time(of: count)
        buffer.pointee.duration = time(of: count + 1) - time(of: count)
        count += 1
        let flow = pipeline.child("source") { gst_app_src_push_buffer($0.of(GstAppSrc.self), buffer) }
        // If the push failed, the cause is an error message on the bus.
        _ = try pipeline.step(timeout: flow == GST_FLOW_OK ? 0 : 1_000_000_000)
        guard flow == GST_FLOW_OK else { throw MediaError("\(path): the encoder takes no more frames") }
        while let sample = pipeline.readySample(from: "sink") { try write(sample) }
    }

    private func write(_ sample: Sample) throws(MediaError) {
        defer { sample.release() }
        try video.write(sample)
    }

    /// Presentation time of a frame in nanoseconds.
    private func time(of frame: Int) -> GstClockTime {
        GstClockTime(frame) * 1_000_000_000 / GstClockTime(frameRate)
    }

    /// Finishes the clip and moves the file to its path.
    public func finish() throws(MediaError) {
        _ = pipeline.child("source") { gst_app_src_end_of_stream($0.of(GstAppSrc.self)) }
        while let sample = try pipeline.pullSample(from: "sink") { try write(sample) }
        try video.finish(expected: count)
        pipeline.stop()
        try MediaError.wrapping(file.commit)
    }
}
