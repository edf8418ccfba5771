import CAVFormat
import MediaIO

/// A media file that is being written.
final class OutputContainer {
    private var context: UnsafeMutablePointer<AVFormatContext>?
    /// Name in error messages.
    private let name: String
    private let location: String
    private let container: VideoContainer
    private var isOpen = false
    /// The time of decoding of each stream's last packet, and how long it lasts.
    private var last: [Int32: (time: Int64, duration: Int64)] = [:]
    /// How many packets of each stream were not written.
    private var leftOut: [Int32: Int] = [:]

    /// - Parameters:
    ///   - location: the path that is written to, or ``MediaOutput/standard``; `name` is the one that errors name.
    init(_ container: VideoContainer, at location: String, name: String) throws(MediaError) {
        self.name = name
        self.container = container
        self.location = location == MediaOutput.standard ? "pipe:1" : "file:\(location)"
        AV.silence()
        try AV.check(avformat_alloc_output_context2(&context, nil, container.formatName, self.location), name)
        // FLAC in MP4, which players know by now.
        context?.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
    }

    deinit {
        if isOpen, let context { avio_closep(&context.pointee.pb) }
        avformat_free_context(context)
    }

    /// Whether the container holds a stream, and players know its codec there.
    func holds(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        let codec = stream.pointee.codecpar.pointee.codec_id
        switch stream.pointee.codecpar.pointee.codec_type {
        case AVMEDIA_TYPE_ATTACHMENT:
            guard container == .mkv else { return false }
        case AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE:
            if codec == AV_CODEC_ID_VORBIS, ![.mkv, .webm].contains(container) { return false }
            // The length of its last packet follows from that of the file, which is not the same.
            if codec == AV_CODEC_ID_TTA { return false }
            guard avformat_query_codec(context?.pointee.oformat, codec, FF_COMPLIANCE_NORMAL) == 1 else { return false }
        default: return false
        }
        return takes(stream)
    }

    /// Whether a header can be written with a stream, which libavformat's list of codecs does not tell.
    private func takes(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        do throws(MediaError) {
            let trial = try OutputContainer(container, at: "/dev/null", name: name)
            let copy = try trial.add(stream.pointee.codecpar, timeBase: stream.pointee.time_base)
            av_dict_copy(&copy.pointee.metadata, stream.pointee.metadata, 0)
            try trial.start()
            return true
        } catch {
            return false
        }
    }

    /// Whether a stream can be written, whatever players know.
    func canKeep(_ parameters: AVCodecParameters) -> Bool {
        switch parameters.codec_type {
        case AVMEDIA_TYPE_VIDEO where parameters.width <= 0 || parameters.height <= 0: false
        case AVMEDIA_TYPE_AUDIO where parameters.sample_rate <= 0: false
        case AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO:
            avformat_query_codec(context?.pointee.oformat, parameters.codec_id, FF_COMPLIANCE_EXPERIMENTAL) == 1
        default: avformat_query_codec(context?.pointee.oformat, parameters.codec_id, FF_COMPLIANCE_NORMAL) == 1
        }
    }

    /// Whether the codecs' headers belong into the container's.
    var wantsGlobalHeaders: Bool { (context?.pointee.oformat.pointee.flags ?? 0) & AVFMT_GLOBALHEADER != 0 }

    /// Adds a stream.
    ///
    /// - Returns: the stream, which the container owns.
    func add(
        _ parameters: UnsafePointer<AVCodecParameters>, timeBase: AVRational
    ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        guard let stream = avformat_new_stream(context, nil) else {
            throw MediaError("\(name): no memory for a stream")
        }
        try AV.check(avcodec_parameters_copy(stream.pointee.codecpar, parameters), name)
        // Each container has tags of its own.
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = timeBase
        return stream
    }

    /// Adds a tag of the file, before ``start()``.
    func addTag(_ name: String, _ value: String) {
        if let context { av_dict_set(&context.pointee.metadata, name, value, 0) }
    }

    /// Adds the tags and the chapters of a file.
    ///
    /// - Parameters:
    ///   - start: the time of the input that becomes 0, in nanoseconds.
    ///   - end: the time at which the output ends.
    func takeTagsAndChapters(of input: InputContainer, from start: Int64, to end: Int64) {
        guard let context else { return }
        av_dict_copy(&context.pointee.metadata, input.tags, 0)
        for tag in ["major_brand", "minor_version", "compatible_brands", "encoder"] {
            av_dict_set(&context.pointee.metadata, tag, nil, 0)
        }
        takeChapters(of: input, from: start, to: end)
    }

    private func takeChapters(of input: InputContainer, from start: Int64, to end: Int64) {
        guard let context else { return }
        let copies = input.chapters.compactMap { chapter -> UnsafeMutablePointer<AVChapter>? in
            let base = chapter.pointee.time_base
            let shift = start.rescaled(from: AV.nanoseconds, to: base)
            let last = end.rescaled(from: AV.nanoseconds, to: base)
            guard chapter.pointee.end > shift, chapter.pointee.start < last,
                let copy = av_mallocz(MemoryLayout<AVChapter>.size)?.assumingMemoryBound(to: AVChapter.self)
            else { return nil }
            copy.pointee.id = chapter.pointee.id
            copy.pointee.time_base = base
            copy.pointee.start = max(chapter.pointee.start - shift, 0)
            copy.pointee.end = min(chapter.pointee.end, last) - shift
            av_dict_copy(&copy.pointee.metadata, chapter.pointee.metadata, 0)
            return copy
        }
        guard !copies.isEmpty, let memory = av_calloc(copies.count, MemoryLayout<UnsafeMutableRawPointer>.size) else {
            return
        }
        let list = memory.assumingMemoryBound(to: UnsafeMutablePointer<AVChapter>?.self)
        for (index, chapter) in copies.enumerated() { list[index] = chapter }
        context.pointee.chapters = list
        context.pointee.nb_chapters = UInt32(copies.count)
    }

    /// Opens the file and writes its header; streams may then have other time bases.
    func start() throws(MediaError) {
        guard let context else { return }
        try AV.check(avio_open(&context.pointee.pb, location, AVIO_FLAG_WRITE), name)
        isOpen = true
        try AV.check(avformat_write_header(context, nil), name)
    }

    /// Writes a packet of a stream, in the order of times among all streams. One that is damaged, or that lies before the
    /// stream's last, is left out.
    func write(_ packet: Packet, to stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        let index = stream.pointee.index
        packet.pointer.pointee.stream_index = index
        packet.pointer.pointee.pos = -1
        guard order(packet, of: stream) else {
            leftOut[index, default: 0] += 1
            return
        }
        let result = av_interleaved_write_frame(context, packet.pointer)
        // Said of the packet by the filter that the container needs, unless the file cannot be written.
        if result == av_invalid_data, context?.pointee.pb?.pointee.error == 0 {
            leftOut[index, default: 0] += 1
        } else {
            try AV.check(result, name)
        }
    }

    /// Gives a packet times that do not go back, as all muxers want them.
    ///
    /// - Returns: false if it is too early for that.
    private func order(_ packet: Packet, of stream: UnsafeMutablePointer<AVStream>) -> Bool {
        let index = stream.pointee.index
        let times = packet.pointer.pointee
        var time = times.dts == av_no_time ? times.pts : times.dts
        if let last = last[index] {
            let isStrict = (context?.pointee.oformat.pointee.flags ?? 0) & AVFMT_TS_NONSTRICT == 0
            let least = last.time + (isStrict ? 1 : 0)
            if time == av_no_time { time = last.time + last.duration }
            if time < least - Self.largestStepBack.rescaled(from: AV.nanoseconds, to: stream.pointee.time_base) {
                return false
            }
            time = max(time, least)
        } else if time == av_no_time {
            time = 0
        }
        last[index] = (time, max(times.duration, 0))
        packet.pointer.pointee.dts = time
        packet.pointer.pointee.pts = times.pts == av_no_time ? time : max(times.pts, time)
        return true
    }

    /// In nanoseconds; what rounded times amount to.
    private static let largestStepBack: Int64 = 100_000_000

    /// How many packets of a stream were damaged or out of order.
    func leftOutCount(of stream: UnsafeMutablePointer<AVStream>) -> Int { leftOut[stream.pointee.index] ?? 0 }

    /// Writes the end of the file and closes it.
    func finish() throws(MediaError) {
        guard let context else { return }
        try AV.check(av_write_trailer(context), name)
        isOpen = false
        try AV.check(avio_closep(&context.pointee.pb), name)
    }
}

extension VideoContainer {
    /// libavformat's name.
    fileprivate var formatName: String {
        switch self {
        case .mp4, .m4v: "mp4"
        case .mov: "mov"
        case .mkv: "matroska"
        case .webm: "webm"
        }
    }
}
