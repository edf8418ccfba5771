import CAVFormat
import MediaIO

/// The streams of a media file, without decoding them.
final class InputContainer {
    typealias Stream = UnsafeMutablePointer<AVStream>

    /// As it is named in messages.
    let path: String
    private var context: UnsafeMutablePointer<AVFormatContext>?

    /// - Throws: if it is no file with streams.
    init(_ input: MediaInput) throws(MediaError) {
        path = input.path
        AV.silence()
        try AV.check(avformat_open_input(&context, "file:\(input.location)", nil, nil), path)
        do {
            try AV.check(avformat_find_stream_info(context, nil), path)
        } catch {
            avformat_close_input(&context)
            throw error
        }
    }

    deinit { avformat_close_input(&context) }

    var streams: [Stream] {
        guard let context = context?.pointee, let streams = context.streams else { return [] }
        return (0..<Int(context.nb_streams)).compactMap { streams[$0] }
    }

    /// Whether it is a Matroska or WebM file.
    var isMatroska: Bool {
        context?.pointee.iformat.pointee.name.map { String(cString: $0).contains("matroska") } ?? false
    }

    /// The first stream of moving pictures.
    var video: Stream? {
        streams.first {
            $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
                && $0.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
        }
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
        for stream in streams {
            stream.pointee.discard = indices.contains(stream.pointee.index) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }

    /// Goes on at the last place before a time.
    func seek(toNanoseconds time: Int64) {
        // A file that cannot seek is read from its beginning.
        _ = avformat_seek_file(context, -1, .min, time / 1000, time / 1000, 0)
    }

    /// The next packet; nil at the end.
    ///
    /// - Throws: if the file is damaged.
    func next() throws(MediaError) -> Packet? {
        let packet = try Packet()
        let result = av_read_frame(context, packet.pointer)
        if result == av_end_of_file { return nil }
        try AV.check(result, "\(path): cannot be read to its end")
        return packet
    }
}
