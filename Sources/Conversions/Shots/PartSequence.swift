import CAVFormat
import CGStreamer
import MediaIO
import Synchronization

/// The frames of parts, one part after the other, decoded on the thread that asks for them.
public final class PartSequence: Sendable {
    /// A part, and the frames that it has to have.
    public struct Entry: Sendable {
        let file: PartFile
        let part: FilmPart

        /// - Parameter part: its tags are not looked at.
        public init(_ file: PartFile, _ part: FilmPart) {
            self.file = file
            self.part = part
        }
    }

    private struct State {
        var waiting: ArraySlice<Entry>
        var reader: PartReader?
        var problem: String?
    }

    private let state: Mutex<State>
    /// What all frames are.
    let caps: String
    /// Number of the frames of all parts.
    public let frameCount: Int

    /// - Parameter entries: in the order of the film; at least one.
    /// - Throws: if their frames are not all of one kind.
    public init(_ entries: [Entry]) throws(MediaError) {
        caps = entries.first?.file.caps ?? ""
        frameCount = entries.reduce(0) { $0 + $1.part.frames }
        if let other = entries.first(where: { $0.file.caps != entries[0].file.caps }) {
            throw MediaError("\(other.file.path): has frames of another kind than \(entries[0].file.path)")
        }
        state = Mutex(State(waiting: entries[...]))
    }

    /// Why a part is not as it should be; nil if all are, so far.
    public var problem: String? { state.withLock { $0.problem } }

    /// Width and height of the frames, the number of bits of their values, and whether they can be read; nil if not.
    func frameKind() -> (width: Int, height: Int, bitDepth: Int)? {
        var information = GstVideoInfo()
        guard let parsed = gst_caps_from_string(caps) else { return nil }
        defer { gst_caps_unref(parsed) }
        guard gst_video_info_from_caps(&information, parsed) != 0, let format = information.finfo?.pointee else {
            return nil
        }
        return (Int(information.width), Int(information.height), Int(format.depth.0))
    }

    /// Has an `appsrc` named `source` give the frames.
    func attach(to pipeline: Pipeline) {
        FrameFeed.attach(to: pipeline) { () throws(MediaError) in
            let result = self.state.withLock { state in
                Result { () throws(MediaError) in try Self.next(&state, caps: self.caps) }
            }
            return try result.get()
        }
    }

    private static func next(_ state: inout State, caps: String) throws(MediaError) -> FrameFeed.Frame? {
        do throws(MediaError) {
            while true {
                if let buffer = try state.reader?.next(caps) { return FrameFeed.Frame(caps: caps, buffer: buffer) }
                guard let entry = state.waiting.popFirst() else { return nil }
                state.reader = try PartReader(entry)
            }
        } catch {
            state.problem = error.description
            throw error
        }
    }
}

/// Decodes the frames of a part.
private final class PartReader {
    private let entry: PartSequence.Entry
    private let container: InputContainer
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private var frame: UnsafeMutablePointer<AVFrame>?
    /// Of the packets whose frames have not come yet.
    private var blocks: [PartBlock] = []
    private var count = 0
    private var last = Int64.min
    private var path: String { entry.file.path }

    init(_ entry: PartSequence.Entry) throws(MediaError) {
        self.entry = entry
        container = try InputContainer(entry.file.path, at: entry.file.path)
        let stream = try container.pictures()
        context = try VideoDecoder.open(stream, of: container, isStrict: true)
        frame = av_frame_alloc()
        container.select([stream.pointee.index])
    }

    deinit {
        av_frame_free(&frame)
        avcodec_free_context(&context)
    }

    /// The next frame, whose reference is the caller's; nil at the end.
    ///
    /// - Throws: if the part is damaged or has other frames than it should.
    func next(_ caps: String) throws(MediaError) -> UnsafeMutablePointer<GstBuffer>? {
        guard let frame else { return nil }
        while true {
            let result = avcodec_receive_frame(context, frame)
            if result == av_again {
                try sendPacket()
                continue
            }
            guard result != av_end_of_file else {
                guard count == entry.part.frames else { throw wrong("\(count) frames, not \(entry.part.frames)") }
                return nil
            }
            guard result == 0, !blocks.isEmpty else { throw damaged }
            return try buffer(of: frame, blocks.removeFirst(), caps)
        }
    }

    private func sendPacket() throws(MediaError) {
        guard let packet = try container.next() else {
            avcodec_send_packet(context, nil)
            return
        }
        let content = packet.pointer.pointee
        guard let block = packet.blockAddition.flatMap({ PartBlock($0) }),
            block.checksum == PartBlock.checksum(of: content.data, count: Int(content.size))
        else { throw damaged }
        blocks.append(block)
        guard avcodec_send_packet(context, packet.pointer) == 0 else { throw damaged }
    }

    private func buffer(
        of frame: UnsafeMutablePointer<AVFrame>, _ block: PartBlock, _ caps: String
    ) throws(MediaError) -> UnsafeMutablePointer<GstBuffer> {
        guard let format = FramePixelFormat(AVPixelFormat(rawValue: frame.pointee.format)) else { throw damaged }
        guard entry.part.holds(block.shown), block.shown > last,
            count > 0 || abs(block.shown - entry.part.start) <= FilmPart.tolerance
        else { throw wrong("a frame at \(Double(block.shown) / 1e9) s, which is none of its shot") }
        (last, count) = (block.shown, count + 1)
        let picture = VideoDecoder.Picture(
            frame: frame, format: format, time: block.shown, duration: block.duration)
        let buffer = try picture.buffer(caps, name: path)
        buffer.pointee.pts = GstClockTime(max(block.shown, 0))
        if let duration = block.duration { buffer.pointee.duration = GstClockTime(duration) }
        return buffer
    }

    private var damaged: MediaError { MediaError("\(path): is damaged; remove it and paint its shot again") }

    private func wrong(_ what: String) -> MediaError {
        MediaError("\(path): has \(what); remove it and paint its shot again")
    }
}
