import CAVFormat
import MediaIO

/// Decodes the pictures of a video by libavcodec, in the order in which they are shown.
final class VideoDecoder {
    private let input: InputContainer
    private let stream: UnsafeMutablePointer<AVStream>
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private var frame: UnsafeMutablePointer<AVFrame>?
    private let converter: FrameConverter
    private var isAtEnd = false
    /// The range that is decoded, in nanoseconds of the input.
    private let (start, end): (Int64, Int64)
    /// The time at which the next frame is shown if it has none, in nanoseconds of the input.
    private var expected: Int64
    /// The time of the last frame.
    private var last = Int64.min
    /// The end of the last packet, in nanoseconds of the input; nil before the first.
    private(set) var lastPacketEnd: Int64?

    /// A decoded picture, valid until the next one is.
    struct Picture {
        let frame: UnsafeMutablePointer<AVFrame>
        let format: FramePixelFormat
        /// When it is shown, in nanoseconds of the input.
        let time: Int64
        /// How long it is shown, in nanoseconds; nil if that is not known.
        let duration: Int64?
    }

    /// - Parameters:
    ///   - input: read by this decoder alone.
    ///   - start: in nanoseconds of the input; nil: the beginning.
    ///   - duration: in nanoseconds; nil: to the end.
    /// - Throws: if it has no pictures, or their codec is not known.
    init(_ input: InputContainer, start: Int64? = nil, duration: Int64? = nil) throws(MediaError) {
        guard let stream = input.video else {
            throw MediaError("\(input.path): has no picture, only sound; name a video or a picture")
        }
        self.input = input
        self.stream = stream
        self.start = start ?? .min
        end = duration.map { (start ?? input.start) + $0 } ?? .max
        expected = input.start
        converter = FrameConverter(name: input.path)
        context = try Self.open(stream, of: input)
        frame = av_frame_alloc()
        guard frame != nil else { throw MediaError("\(input.path): no memory for a frame") }
        input.select([stream.pointee.index])
        if let start { input.seek(toNanoseconds: start) }
    }

    deinit {
        av_frame_free(&frame)
        avcodec_free_context(&context)
    }

    /// Pixels of the largest frame that is decoded: a gigabyte.
    private static let largestPixelCount: Int64 = 1 << 28

    private static func open(
        _ stream: UnsafeMutablePointer<AVStream>, of input: InputContainer
    ) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext>? {
        let path = input.path
        let codec = stream.pointee.codecpar.pointee.codec_id
        var decoder = avcodec_find_decoder(codec)
        // The native decoders of these leave alpha out.
        let withAlpha = [AV_CODEC_ID_VP8.rawValue: "libvpx", AV_CODEC_ID_VP9.rawValue: "libvpx-vp9"][codec.rawValue]
        if let withAlpha, input.hasAlpha {
            decoder = avcodec_find_decoder_by_name(withAlpha) ?? decoder
        }
        guard let decoder, let context = avcodec_alloc_context3(decoder) else {
            throw MediaError("\(path): libavcodec has no decoder for its pictures (\(AV.name(of: codec)))")
        }
        do {
            try AV.check(avcodec_parameters_to_context(context, stream.pointee.codecpar), path)
            context.pointee.pkt_timebase = stream.pointee.time_base
            context.pointee.thread_count = 0
            context.pointee.max_pixels = Self.largestPixelCount
            try AV.check(avcodec_open2(context, decoder, nil), path)
        } catch {
            var opened: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&opened)
            throw error
        }
        return context
    }

    /// The next picture; nil at the end.
    ///
    /// - Throws: if the file cannot be read. Pictures that cannot be decoded are left out, as players do.
    func next() throws(MediaError) -> Picture? {
        guard let frame else { return nil }
        while true {
            let result = avcodec_receive_frame(context, frame)
            if result == 0 {
                let time = time(of: frame)
                if time >= end { return nil }
                // The frame that is shown at the start belongs to the range.
                if time < start, time + (duration(of: frame) ?? 0) <= start { continue }
                return try picture(frame, time)
            }
            if result != av_again { return nil }
            try sendPacket()
        }
    }

    private func sendPacket() throws(MediaError) {
        guard !isAtEnd, let packet = try input.next() else {
            isAtEnd = true
            avcodec_send_packet(context, nil)
            return
        }
        guard packet.pointer.pointee.stream_index == stream.pointee.index else { return }
        let times = packet.pointer.pointee
        let began = times.pts == av_no_time ? times.dts : times.pts
        if began != av_no_time, times.flags & AV_PKT_FLAG_DISCARD == 0 {
            let ends = (began + max(times.duration, 0)).rescaled(from: stream.pointee.time_base, to: AV.nanoseconds)
            lastPacketEnd = max(lastPacketEnd ?? .min, ends)
        }
        avcodec_send_packet(context, packet.pointer)
    }

    private func time(of frame: UnsafeMutablePointer<AVFrame>) -> Int64 {
        let base = stream.pointee.time_base
        let stamp = frame.pointee.best_effort_timestamp
        var time = stamp == av_no_time ? expected : stamp.rescaled(from: base, to: AV.nanoseconds)
        // Files without times of presentation have wrong ones where frames are reordered.
        if time <= last { time = max(expected, last + 1) }
        last = time
        expected = time + (duration(of: frame) ?? 0)
        return time
    }

    private func duration(of frame: UnsafeMutablePointer<AVFrame>) -> Int64? {
        let given = av_frame_length(frame)
        if given > 0 { return given.rescaled(from: stream.pointee.time_base, to: AV.nanoseconds) }
        let rate = input.frameRate
        guard rate.num > 0 && rate.den > 0 else { return nil }
        return Int64(1).rescaled(from: AVRational(num: rate.den, den: rate.num), to: AV.nanoseconds)
    }

    private func picture(_ frame: UnsafeMutablePointer<AVFrame>, _ time: Int64) throws(MediaError) -> Picture {
        let format = AVPixelFormat(rawValue: frame.pointee.format)
        // The first and the last frame may reach beyond the range.
        let duration = duration(of: frame).map { min(time + $0, end) - max(time, start) }
        let time = max(time, start)
        if let known = FramePixelFormat(format) {
            return Picture(frame: frame, format: known, time: time, duration: duration)
        }
        let nearest = FramePixelFormat.nearest(to: format)
        let converted = try converter.convert(frame, to: nearest)
        return Picture(frame: converted, format: nearest, time: time, duration: duration)
    }
}
