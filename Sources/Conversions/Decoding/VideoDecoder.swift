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
    /// Of the frames so far.
    private(set) var census = FrameCensus()
    /// Errors since the last frame.
    private var errorCount = 0

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
    ///   - stream: one of the input's; nil: its pictures.
    ///   - start: in nanoseconds of the input; nil: the beginning.
    ///   - duration: in nanoseconds; nil: to the end.
    ///   - place: where decoding begins at the latest, in nanoseconds of the input: at a key frame before; nil: at `start`.
    ///   - isStrict: whether what is damaged is not decoded, as far as decoders notice; otherwise they fill it.
    /// - Throws: if it has no pictures, or their codec is not known.
    init(
        _ input: InputContainer, of stream: InputContainer.Stream? = nil, start: Int64? = nil, duration: Int64? = nil,
        from place: Int64? = nil, isStrict: Bool = false
    ) throws(MediaError) {
        let stream = if let stream { stream } else { try input.pictures() }
        self.input = input
        self.stream = stream
        self.start = start ?? .min
        end = duration.map { (start ?? input.start) + $0 } ?? .max
        expected = input.start
        converter = FrameConverter(name: input.path)
        context = try Self.open(stream, of: input, isStrict: isStrict)
        frame = av_frame_alloc()
        guard frame != nil else { throw MediaError("\(input.path): no memory for a frame") }
        input.select([stream.pointee.index])
        census.said = input.videoFrameCount
        census.numbering = input.numbering
        census.isFragmented = input.isFragmented
        if let place = place ?? start { input.seek(toNanoseconds: place) }
    }

    deinit {
        av_frame_free(&frame)
        avcodec_free_context(&context)
    }

    /// Pixels of the largest frame that is decoded: a gigabyte.
    private static let largestPixelCount: Int64 = 1 << 28

    static func open(
        _ stream: UnsafeMutablePointer<AVStream>, of input: InputContainer, isStrict: Bool
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
            if isStrict { context.pointee.err_recognition |= AV_EF_EXPLODE }
            try AV.check(avcodec_open2(context, decoder, nil), path)
        } catch {
            var opened: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&opened)
            throw error
        }
        return context
    }

    /// Errors in a row after which a decoder is taken to give no more frames: it may say the same for ever.
    private static let mostErrors = 1000

    /// The next picture; nil at the end.
    ///
    /// - Throws: if the file cannot be read. Pictures that cannot be decoded are left out, as players do, and counted.
    func next() throws(MediaError) -> Picture? {
        guard let (frame, time) = try decode() else { return nil }
        return try picture(frame, time)
    }

    /// The next picture in a format, valid until the next one is; nil at the end.
    ///
    /// - Throws: if the file cannot be read.
    func picture(as format: FramePixelFormat) throws(MediaError) -> UnsafeMutablePointer<AVFrame>? {
        guard let (frame, _) = try decode() else { return nil }
        return try converter.convert(frame, to: format)
    }

    private func decode() throws(MediaError) -> (UnsafeMutablePointer<AVFrame>, time: Int64)? {
        guard let frame else { return nil }
        while true {
            let result = avcodec_receive_frame(context, frame)
            if result == 0 {
                errorCount = 0
                let time = time(of: frame)
                if time >= end { return nil }
                let length = duration(of: frame)
                // The frame that is shown at the start belongs to the range.
                let isBefore = time < start && time + (length ?? 0) <= start
                census.gaps.show(time, length: length, isCounted: !isBefore)
                if isBefore { continue }
                census.decoded += 1
                return (frame, time)
            }
            if result == av_again {
                try sendPacket()
            } else if result == av_end_of_file || errorCount == Self.mostErrors {
                finishCensus()
                return nil
            } else {
                // Of a packet that was sent before, where several threads decode.
                errorCount += 1
            }
        }
    }

    private func finishCensus() {
        census.isDamaged = input.isDamaged
        guard let lastPacketEnd else { return }
        census.gaps.finish(lastPacketEnd)
        let rate = input.frameRate
        guard rate.num > 0 && rate.den > 0 else { return }
        let length = AVRational(num: rate.den, den: rate.num)
        census.numbering?.end = Int(lastPacketEnd.rescaled(from: AV.nanoseconds, to: length))
    }

    private func sendPacket() throws(MediaError) {
        guard !isAtEnd, let packet = try input.next() else {
            isAtEnd = true
            avcodec_send_packet(context, nil)
            return
        }
        guard packet.pointer.pointee.stream_index == stream.pointee.index else { return }
        census.packets += 1
        let times = packet.pointer.pointee
        let began = times.pts == av_no_time ? times.dts : times.pts
        if began != av_no_time, times.flags & AV_PKT_FLAG_DISCARD == 0 {
            let base = stream.pointee.time_base
            let ends = (began + max(times.duration, 0)).rescaled(from: base, to: AV.nanoseconds)
            lastPacketEnd = max(lastPacketEnd ?? .min, ends)
            // An empty packet repeats the last frame.
            if times.size > 0 { census.gaps.read(began.rescaled(from: base, to: AV.nanoseconds)) }
        }
        // One that is damaged leaves a gap in the times.
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
