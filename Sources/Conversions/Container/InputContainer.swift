import CAVFormat
import MediaIO
import Support

/// The streams of a media file, without decoding them.
final class InputContainer {
    typealias Stream = UnsafeMutablePointer<AVStream>

    /// As it is named in messages.
    let path: String
    /// Where it is read from.
    let location: String
    /// Open as long as this lives.
    private(set) var context: UnsafeMutablePointer<AVFormatContext>?
    /// Nil: all streams.
    private var selected: Set<Int32>?
    /// Read already, in reverse order.
    var waiting: [Packet] = []
    private var times = ContinuousTimes()
    /// The sounds and pictures that have the same clock.
    private var clock: Set<Int32> = []
    private let errors: DemuxerErrors?

    /// - Parameters:
    ///   - path: in messages.
    ///   - location: where it is read from.
    /// - Throws: if it is no file with streams.
    init(_ path: String, at location: String) throws(MediaError) {
        self.path = path
        self.location = location
        AV.silence()
        // A playlist may name addresses in the network.
        var options: OpaquePointer?
        av_dict_set(&options, "protocol_whitelist", "file", 0)
        // A picture whose name reads like a pattern is one picture.
        av_dict_set(&options, "pattern_type", "none", 0)
        defer { av_dict_free(&options) }
        context = avformat_alloc_context()
        errors = context.map(DemuxerErrors.init)
        // Taken for one picture where the name does not end in .mjpeg.
        let format = isMotionJPEG(location) ? av_find_input_format("mjpeg") : nil
        try AV.check(avformat_open_input(&context, "file:\(location)", format, &options), path)
        do {
            try AV.check(avformat_find_stream_info(context, nil), path)
        } catch {
            avformat_close_input(&context)
            throw error
        }
    }

    /// - Throws: if it is no stream, no data come, or the source is asked to end.
    init(_ source: NetworkSource) throws(MediaError) {
        path = source.address
        location = source.address
        errors = nil
        guard let made = avformat_alloc_context() else { throw MediaError("\(path): no memory for a stream") }
        context = made
        made.pointee.interrupt_callback = source.watch.callback
        made.pointee.pb = source.connection
        var options: OpaquePointer?
        av_dict_set(&options, "protocol_whitelist", NetworkSource.protocols, 0)
        // By UDP, packets are lost, and firewalls stop them.
        av_dict_set(&options, "rtsp_flags", "prefer_tcp", 0)
        defer { av_dict_free(&options) }
        source.watch.begin(source.connection == nil ? NetworkSource.connectionLimit : NetworkSource.silenceLimit)
        // Frees the context if it fails.
        try source.check(avformat_open_input(&context, path, nil, &options))
        do {
            source.watch.begin(NetworkSource.silenceLimit)
            try source.check(avformat_find_stream_info(context, nil))
        } catch {
            avformat_close_input(&context)
            throw error
        }
    }

    /// libavformat's name, such as `avi`.
    private var format: String { context?.pointee.iformat.pointee.name.map { String(cString: $0) } ?? "" }

    /// What an AVI file says of its frames; nil for other files.
    var numbering: FrameCensus.Numbering? {
        guard format == "avi", let video, let frames = videoFrameCount else { return nil }
        let entries = (0..<avformat_index_get_entries_count(video)).lazy.compactMap {
            avformat_index_get_entry(video, $0)
        }
        return FrameCensus.Numbering(frames: frames, packets: entries.count { $0.pointee.size > 0 })
    }

    /// Whether it is MP4 in fragments, of which the header does not say how many there are.
    var isFragmented: Bool { format.hasPrefix("mov,") && videoFrameCount == nil }

    /// Whether the demuxer has come upon damage so far.
    var isDamaged: Bool { (errors?.count ?? 0) > 0 }

    deinit { avformat_close_input(&context) }

    var streams: [Stream] {
        guard let context = context?.pointee, let streams = context.streams else { return [] }
        return (0..<Int(context.nb_streams)).compactMap { streams[$0] }
    }

    /// Whether it is a picture, or text that libavformat draws.
    var isPicture: Bool { Self.isPicture(context?.pointee.iformat) }

    private static func isPicture(_ format: UnsafePointer<AVInputFormat>?) -> Bool {
        let name = format?.pointee.name.map { String(cString: $0) } ?? ""
        return name.hasSuffix("_pipe") || ["image2", "tty"].contains(name)
    }

    /// The format that the beginning of a file is of, such as `Matroska / WebM`; nil if it is a picture's, or not known.
    static func likelyFormat(of path: String) -> String? {
        guard var bytes = try? Files.start(of: path, count: 1 << 12).bytes else { return nil }
        let count = bytes.count
        bytes += [UInt8](repeating: 0, count: Int(AVPROBE_PADDING_SIZE))
        return bytes.withUnsafeMutableBufferPointer { bytes in
            var data = AVProbeData(filename: nil, buf: bytes.baseAddress, buf_size: Int32(count), mime_type: nil)
            var score: Int32 = 0
            guard let format = av_probe_input_format3(&data, 1, &score), score >= AVPROBE_SCORE_MAX / 2,
                !isPicture(format), let name = format.pointee.long_name
            else { return nil }
            return String(cString: name)
        }
    }

    /// The duration of the file in seconds; nil if it does not say. That of raw streams is guessed by their length.
    var duration: Double? {
        guard let context, context.pointee.duration_estimation_method != AVFMT_DURATION_FROM_BITRATE,
            case let duration = context.pointee.duration, duration != av_no_time, duration > 0
        else { return nil }
        return Double(duration) / Double(AV_TIME_BASE)
    }

    /// Frames per second of the pictures; 0/1 if that is not known.
    var frameRate: AVRational {
        guard let video else { return AVRational(num: 0, den: 1) }
        return av_guess_frame_rate(context, video, nil)
    }

    /// Whether the container or the codec says that pictures have two fields.
    var isInterlaced: Bool {
        guard let order = video?.pointee.codecpar.pointee.field_order else { return false }
        return ![AV_FIELD_UNKNOWN, AV_FIELD_PROGRESSIVE].contains(order)
    }

    /// Width of a pixel over its height.
    ///
    /// - Parameter frame: nil: what the container says.
    func pixelAspectRatio(of frame: UnsafeMutablePointer<AVFrame>? = nil) -> AVRational {
        let square = AVRational(num: 1, den: 1)
        guard let video else { return square }
        let ratio = av_guess_sample_aspect_ratio(context, video, frame)
        return ratio.num > 0 && ratio.den > 0 ? ratio : square
    }

    /// How pictures are turned to be upright: a `video-direction` of `videoflip`.
    var direction: String {
        var size = 0
        guard let video, let data = av_stream_get_side_data(video, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else {
            return "identity"
        }
        func sign(_ index: Int) -> Int {
            Int(UnsafeRawPointer(data).loadUnaligned(fromByteOffset: 4 * index, as: Int32.self).signum())
        }
        // Where the axes of the picture go: (1, 0) to the first two entries, (0, 1) to the fourth and fifth.
        switch (sign(0), sign(1), sign(3), sign(4)) {
        case (0, 1, -1, 0): return "90r"
        case (-1, 0, 0, -1): return "180"
        case (0, -1, 1, 0): return "90l"
        case (-1, 0, 0, 1): return "horiz"
        case (1, 0, 0, -1): return "vert"
        case (0, 1, 1, 0): return "ul-lr"
        case (0, -1, -1, 0): return "ur-ll"
        default: return "identity"
        }
    }

    /// The stream of moving pictures: the default one of several, or else the first.
    var video: Stream? {
        let videos = streams.filter {
            $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
                && $0.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
        }
        return videos.first { $0.pointee.disposition & AV_DISPOSITION_DEFAULT != 0 } ?? videos.first
    }

    /// The stream of moving pictures.
    ///
    /// - Throws: if there is none.
    func pictures() throws(MediaError) -> Stream {
        if let video { return video }
        let types = streams.map(\.pointee.codecpar.pointee.codec_type)
        let what =
            types.contains(AVMEDIA_TYPE_AUDIO)
            ? "only sound" : types.contains(AVMEDIA_TYPE_SUBTITLE) ? "only subtitles" : "nothing to see"
        throw MediaError("\(path): has no picture, \(what); name a video or a picture")
    }

    /// Whether the pictures have the transfer of HDR, PQ or HLG.
    var isHDR: Bool {
        guard let transfer = video?.pointee.codecpar.pointee.color_trc else { return false }
        return [AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67].contains(transfer)
    }

    /// Whether the pictures have alpha. That of a palette is seldom used.
    var hasAlpha: Bool {
        guard let video else { return false }
        if alphaTrack != nil { return true }
        let parameters = video.pointee.codecpar.pointee
        if [AV_CODEC_ID_VP8, AV_CODEC_ID_VP9].contains(parameters.codec_id) {
            return av_dict_get(video.pointee.metadata, "alpha_mode", nil, 0) != nil
        }
        let flags = av_pix_fmt_desc_get(AVPixelFormat(rawValue: parameters.format))?.pointee.flags ?? 0
        return flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0 && flags & UInt64(AV_PIX_FMT_FLAG_PAL) == 0
    }

    /// The alpha of moving AVIF pictures, which is a stream of its own; nil if there is none.
    var alphaTrack: Stream? {
        let brand = av_dict_get(context?.pointee.metadata, "major_brand", nil, 0)?.pointee.value
        guard brand.map({ String(cString: $0) }) == "avis" else { return nil }
        return streams.first { $0 != video && $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }
    }

    /// Luminance of the brightest color in cd/m², as the container says; nil if it does not.
    var peakLuminance: Int? {
        guard let video else { return nil }
        func sideData<Value>(_ type: AVPacketSideDataType, as: Value.Type) -> Value? {
            var size = 0
            guard let data = av_stream_get_side_data(video, type, &size), size >= MemoryLayout<Value>.size else {
                return nil
            }
            return UnsafeRawPointer(data).loadUnaligned(as: Value.self)
        }
        if let light = sideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, as: AVContentLightMetadata.self), light.MaxCLL > 0 {
            return Int(light.MaxCLL)
        }
        guard
            let display = sideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA, as: AVMasteringDisplayMetadata.self),
            display.has_luminance != 0, display.max_luminance.den > 0, display.max_luminance.num > 0
        else { return nil }
        return Int(display.max_luminance.num / display.max_luminance.den)
    }

    /// Tags of the file.
    var tags: OpaquePointer? { context?.pointee.metadata }

    /// The time code of the first frame, such as `01:00:00:00`; nil if there is none.
    var timecode: String? {
        for stream in streams {
            if let entry = av_dict_get(stream.pointee.metadata, "timecode", nil, 0), let value = entry.pointee.value {
                return String(cString: value)
            }
        }
        return nil
    }

    var chapters: [UnsafeMutablePointer<AVChapter>] {
        guard let context = context?.pointee, let chapters = context.chapters else { return [] }
        return (0..<Int(context.nb_chapters)).compactMap { chapters[$0] }
    }

    /// The time at which the earliest stream begins, in nanoseconds.
    var start: Int64 {
        guard let start = context?.pointee.start_time, start != av_no_time else { return 0 }
        return start * 1000
    }

    /// The time at which the pictures begin, in nanoseconds.
    var videoStart: Int64 {
        guard let video, video.pointee.start_time != av_no_time else { return start }
        return video.pointee.start_time.rescaled(from: video.pointee.time_base, to: AV.nanoseconds)
    }

    /// The duration of the pictures, in seconds; nil if the container does not say.
    var videoDuration: Double? {
        guard let video, video.pointee.duration != av_no_time, video.pointee.duration > 0 else { return nil }
        return Double(video.pointee.duration.rescaled(from: video.pointee.time_base, to: AV.nanoseconds)) / 1e9
    }

    /// The number of pictures; nil if the container does not say.
    var videoFrameCount: Int? {
        guard let count = video?.pointee.nb_frames, count > 0 else { return nil }
        return Int(count)
    }

    /// Reads packets of these streams only.
    func select(_ indices: Set<Int32>) {
        selected = indices
        clock = streamsOfOneClock
        // Whoever reads a file whose times may jump has to see all jumps.
        let read = mayJump ? indices.union(clock) : indices
        for stream in streams {
            stream.pointee.discard = read.contains(stream.pointee.index) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }

    /// Reads the next packet. Returns 0, or libavformat's error.
    func read(into packet: Packet) -> Int32 { av_read_frame(context, packet.pointer) }

    /// The next packet of a selected stream; nil at the end.
    ///
    /// - Throws: if the file is damaged.
    func next() throws(MediaError) -> Packet? {
        if let packet = waiting.popLast() { return packet }
        while let packet = try read() {
            if selected?.contains(packet.pointer.pointee.stream_index) ?? true { return packet }
        }
        return nil
    }

    private func read() throws(MediaError) -> Packet? {
        let packet = try Packet()
        let result = read(into: packet)
        if result == av_end_of_file { return nil }
        try AV.check(result, "\(path): cannot be read to its end")
        if mayJump { correctTimes(of: packet.pointer) }
        return packet
    }

    private func correctTimes(of packet: UnsafeMutablePointer<AVPacket>) {
        guard let stream = stream(of: packet.pointee) else { return }
        let base = stream.pointee.time_base
        var correction = times.current
        if packet.pointee.dts != av_no_time, clock.contains(packet.pointee.stream_index) {
            correction = times.correction(
                ofStream: packet.pointee.stream_index, at: packet.pointee.dts.rescaled(from: base, to: AV.nanoseconds),
                lasting: max(packet.pointee.duration, 0).rescaled(from: base, to: AV.nanoseconds))
        }
        guard correction != 0 else { return }
        let shift = correction.rescaled(from: AV.nanoseconds, to: base)
        if packet.pointee.dts != av_no_time { packet.pointee.dts += shift }
        if packet.pointee.pts != av_no_time { packet.pointee.pts += shift }
    }

    /// The stream of a packet.
    func stream(of packet: AVPacket) -> Stream? {
        guard let context = context?.pointee, (0..<Int32(clamping: context.nb_streams)).contains(packet.stream_index)
        else {
            return nil
        }
        return context.streams[Int(packet.stream_index)]
    }

    /// Whether the file may be joined of parts that have times of their own.
    var mayJump: Bool { has(AVFMT_TS_DISCONT) }

    /// Whether a flag of its format is set.
    func has(_ flag: Int32) -> Bool { (context?.pointee.iformat.pointee.flags ?? 0) & flag != 0 }

    /// A file may hold several programs, each with its clock.
    private var streamsOfOneClock: Set<Int32> {
        let kinds = [AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO]
        var indices = Set(
            streams.filter { kinds.contains($0.pointee.codecpar.pointee.codec_type) }.map(\.pointee.index))
        if let video, let program = av_find_program_from_stream(context, nil, video.pointee.index),
            let members = program.pointee.stream_index
        {
            indices.formIntersection((0..<Int(program.pointee.nb_stream_indexes)).map { Int32(members[$0]) })
        }
        return indices
    }
}
