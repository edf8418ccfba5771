import CAVFormat
import CGStreamer
import MediaIO
import Synchronization

/// The frames of a video as GStreamer has them, decoded on the thread that asks for them.
final class VideoFrames: Sendable {
    private struct State {
        var decoder: VideoDecoder
        let alpha: AlphaTrack?
        var input: InputContainer
        /// Whether a frame was interlaced. All are marked so then, that elements need not begin anew with each.
        var isInterlaced: Bool
        /// Whether a frame had closed captions.
        var hasCaptions = false
        /// Of the first frame.
        var sideData: [SideData]?
        /// The end of the last frame.
        var end: Int64 = 0
        /// Which frames are given; nil: all.
        var part: PartProgress?
    }

    private let state: Mutex<State>
    /// How frames are turned to be upright, as `videoflip` names it.
    let direction: String
    /// The time of the input that becomes 0, in nanoseconds.
    private let origin: Int64

    /// - Parameters:
    ///   - input: a video.
    ///   - start: in seconds from the beginning of the file; nil: the beginning.
    ///   - duration: in seconds; nil: to the end.
    ///   - part: the frames that are given, with times from the beginning of the file; nil: all.
    /// - Throws: if it cannot be read, has no pictures, or their codec is not known.
    init(
        _ input: MediaInput, start: Double? = nil, duration: Double? = nil, part: FilmPart? = nil
    ) throws(MediaError) {
        let container = try InputContainer(input.path, at: input.location)
        direction = container.direction
        let origin = container.start + Int64((start ?? 0) * 1e9)
        self.origin = origin
        let (first, length) = (start == nil ? nil : origin, duration.map { Int64($0 * 1e9) })
        let progress = try part.map { part throws(MediaError) in try PartProgress(part, of: input, origin: origin) }
        let decoder = try VideoDecoder(
            container, start: first, duration: length, from: progress?.place.map { $0 + origin })
        let alpha = container.alphaTrack == nil ? nil : try AlphaTrack(of: input, start: first, duration: length)
        state = Mutex(
            State(
                decoder: decoder, alpha: alpha, input: container, isInterlaced: container.isInterlaced, part: progress))
    }

    /// Has an `appsrc` named `source` give the frames.
    func attach(to pipeline: Pipeline) {
        FrameFeed.attach(to: pipeline) { () throws(MediaError) in try self.next() }
    }

    /// Seconds from the first frame to the end of the last one, as decoded, and as the file has it.
    var reached: (decoded: Double, read: Double) {
        state.withLock { state in
            let read = state.decoder.lastPacketEnd.map { $0 - origin } ?? 0
            return (Double(state.end) / 1e9, Double(read) / 1e9)
        }
    }

    /// Whether a frame so far had closed captions.
    var hasCaptions: Bool { state.withLock { $0.hasCaptions } }

    /// What the first frame says beside its pixels.
    var sideData: [SideData] { state.withLock { $0.sideData ?? [] } }

    /// How many frames have come, and how many have not.
    var census: FrameCensus { state.withLock { $0.decoder.census } }

    /// Why the frames of the part are not those of the input; nil if they are, so far.
    var partProblem: String? { state.withLock { $0.part?.problem } }

    /// Reads the first frame, for ``sideData``; it is then not given.
    func readFirst() throws(MediaError) {
        if let frame = try next() { gst_buffer_unref(frame.buffer) }
    }

    /// Whether a frame was interlaced so far.
    var isInterlaced: Bool { state.withLock { $0.isInterlaced } }

    private func next() throws(MediaError) -> FrameFeed.Frame? {
        let result = state.withLock { state in
            Result { () throws(MediaError) in try Self.next(&state, from: origin) }
        }
        return try result.get()
    }

    /// The next picture of those that are given.
    private static func picture(_ state: inout State, from origin: Int64) throws(MediaError) -> VideoDecoder.Picture? {
        guard state.part != nil else { return try state.decoder.next() }
        while true {
            let picture = try state.decoder.next()
            let isGuessed = picture?.frame.pointee.pts == av_no_time
            switch try state.part?.take(picture.map { max($0.time - origin, 0) }, isGuessed: isGuessed) {
            case .skip: continue
            case .give: return picture
            case .startOver:
                let input = try InputContainer(state.input.path, at: state.input.location)
                state.input = input
                state.decoder = try VideoDecoder(input)
            case .end, nil: return nil
            }
        }
    }

    private static func next(_ state: inout State, from origin: Int64) throws(MediaError) -> FrameFeed.Frame? {
        guard var picture = try Self.picture(&state, from: origin) else { return nil }
        state.isInterlaced = state.isInterlaced || picture.frame.pointee.interlaced_frame != 0
        if av_frame_get_side_data(picture.frame, AV_FRAME_DATA_A53_CC) != nil { state.hasCaptions = true }
        if state.sideData == nil { state.sideData = SideData.all(of: picture.frame) }
        if let alpha = state.alpha { picture = try alpha.join(picture) }
        let caps = FrameCaps(picture, of: state.input, isInterlaced: state.isInterlaced).text
        let buffer = try picture.buffer(caps, name: state.input.path)
        let time = max(picture.time - origin, 0)
        buffer.pointee.pts = GstClockTime(time)
        if let duration = picture.duration { buffer.pointee.duration = GstClockTime(max(duration, 0)) }
        state.end = max(state.end, time + (picture.duration ?? 0))
        return FrameFeed.Frame(caps: caps, buffer: buffer)
    }
}

extension VideoDecoder.Picture {
    /// A copy of the pixels; frames that elements write to are the decoder's references.
    func buffer(_ caps: String, name: String) throws(MediaError) -> UnsafeMutablePointer<GstBuffer> {
        var information = GstVideoInfo()
        guard let parsed = gst_caps_from_string(caps) else {
            throw MediaError("\(name): has frames of no known format")
        }
        defer { gst_caps_unref(parsed) }
        guard gst_video_info_from_caps(&information, parsed) != 0,
            let buffer = gst_buffer_new_allocate(nil, information.size, nil)
        else { throw MediaError("\(name): no memory for a frame") }
        var target = GstVideoFrame()
        guard gst_video_frame_map(&target, &information, buffer, GST_MAP_WRITE) != 0 else {
            gst_buffer_unref(buffer)
            throw MediaError("\(name): no memory for a frame")
        }
        defer { gst_video_frame_unmap(&target) }
        let data = [target.data.0, target.data.1, target.data.2, target.data.3]
        var planes = data.map { $0?.assumingMemoryBound(to: UInt8.self) }
        let strides = target.info.stride
        var strideList = [strides.0, strides.1, strides.2, strides.3]
        withUnsafePointer(to: frame.pointee.data) { source in
            source.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { source in
                withUnsafePointer(to: frame.pointee.linesize) { lines in
                    lines.withMemoryRebound(to: Int32.self, capacity: 8) { lines in
                        av_image_copy(
                            &planes, &strideList, UnsafeMutablePointer(mutating: source), lines, format.format,
                            frame.pointee.width, frame.pointee.height)
                    }
                }
            }
        }
        if frame.pointee.interlaced_frame != 0 {
            buffer.pointee.mini_object.flags |= GST_VIDEO_BUFFER_FLAG_INTERLACED.rawValue
            if frame.pointee.top_field_first != 0 {
                buffer.pointee.mini_object.flags |= GST_VIDEO_BUFFER_FLAG_TFF.rawValue
            }
        }
        return buffer
    }
}
