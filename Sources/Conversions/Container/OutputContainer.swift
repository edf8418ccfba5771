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

    /// Whether the container holds streams of a codec, and players know it there.
    func holds(_ codec: AVCodecID) -> Bool {
        if codec == AV_CODEC_ID_VORBIS, ![.mkv, .webm].contains(container) { return false }
        return avformat_query_codec(context?.pointee.oformat, codec, FF_COMPLIANCE_NORMAL) == 1
    }

    /// Whether a stream can be written, whatever players know.
    func canKeep(_ parameters: AVCodecParameters) -> Bool {
        switch parameters.codec_type {
        case AVMEDIA_TYPE_VIDEO where parameters.width <= 0 || parameters.height <= 0: false
        case AVMEDIA_TYPE_AUDIO where parameters.sample_rate <= 0: false
        case AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO:
            avformat_query_codec(context?.pointee.oformat, parameters.codec_id, FF_COMPLIANCE_EXPERIMENTAL) == 1
        default: holds(parameters.codec_id)
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

    /// Adds the tags and the chapters of a file; chapters keep their times from `start` nanoseconds on.
    func takeTagsAndChapters(of input: InputContainer, from start: Int64) {
        guard let context else { return }
        av_dict_copy(&context.pointee.metadata, input.tags, 0)
        for tag in ["major_brand", "minor_version", "compatible_brands", "encoder"] {
            av_dict_set(&context.pointee.metadata, tag, nil, 0)
        }
        takeChapters(of: input, from: start)
    }

    private func takeChapters(of input: InputContainer, from start: Int64) {
        guard let context else { return }
        let copies = input.chapters.compactMap { chapter -> UnsafeMutablePointer<AVChapter>? in
            let base = chapter.pointee.time_base
            let shift = start.rescaled(from: AV.nanoseconds, to: base)
            guard chapter.pointee.end > shift,
                let copy = av_mallocz(MemoryLayout<AVChapter>.size)?.assumingMemoryBound(to: AVChapter.self)
            else { return nil }
            copy.pointee.id = chapter.pointee.id
            copy.pointee.time_base = base
            copy.pointee.start = max(chapter.pointee.start - shift, 0)
            copy.pointee.end = chapter.pointee.end - shift
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

    /// Writes a packet of a stream, in the order of times among all streams.
    func write(_ packet: Packet, to stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        packet.pointer.pointee.stream_index = stream.pointee.index
        packet.pointer.pointee.pos = -1
        try AV.check(av_interleaved_write_frame(context, packet.pointer), name)
    }

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
