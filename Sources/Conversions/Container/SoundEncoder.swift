import CAVFormat
import MediaIO

/// Encodes the sound of a stream anew, for containers that do not hold its codec.
final class SoundEncoder {
    private var decoder: UnsafeMutablePointer<AVCodecContext>?
    private var encoder: UnsafeMutablePointer<AVCodecContext>?
    private var resampler: OpaquePointer?
    /// Samples that wait until there are enough for a frame of the encoder.
    private var samples: OpaquePointer?
    /// Time of the first of these, in samples of the encoder; nil before there are any.
    private var time: Int64?
    private let source: AVRational
    private let name: String
    /// What the container is told.
    let parameters: UnsafeMutablePointer<AVCodecParameters>
    /// Of the packets' times.
    var timeBase: AVRational { AVRational(num: 1, den: encoder?.pointee.sample_rate ?? 1) }

    /// - Throws: if one of the codecs is missing.
    init(
        of stream: UnsafeMutablePointer<AVStream>, as codec: AVCodecID, globalHeaders: Bool, name: String
    ) throws(MediaError) {
        self.name = name
        source = stream.pointee.time_base
        guard let parameters = avcodec_parameters_alloc() else { throw MediaError("\(name): no memory for the sound") }
        self.parameters = parameters
        try open(stream)
        try open(codec, globalHeaders: globalHeaders)
        try AV.check(avcodec_parameters_from_context(parameters, encoder), name)
    }

    deinit {
        avcodec_free_context(&decoder)
        avcodec_free_context(&encoder)
        swr_free(&resampler)
        if let samples { av_audio_fifo_free(samples) }
        var parameters: UnsafeMutablePointer<AVCodecParameters>? = parameters
        avcodec_parameters_free(&parameters)
    }

    private func open(_ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        let codec = stream.pointee.codecpar.pointee.codec_id
        guard let found = avcodec_find_decoder(codec) else { throw MediaError("no decoder for \(AV.name(of: codec))") }
        decoder = avcodec_alloc_context3(found)
        try AV.check(avcodec_parameters_to_context(decoder, stream.pointee.codecpar), name)
        decoder?.pointee.pkt_timebase = source
        try AV.check(avcodec_open2(decoder, found, nil), "\(name): \(AV.name(of: codec))")
    }

    private func open(_ codec: AVCodecID, globalHeaders: Bool) throws(MediaError) {
        guard let found = avcodec_find_encoder(codec), let encoder = avcodec_alloc_context3(found), let decoder else {
            throw MediaError("no encoder for \(AV.name(of: codec))")
        }
        self.encoder = encoder
        encoder.pointee.sample_rate = Self.rate(nearest: decoder.pointee.sample_rate, of: found)
        encoder.pointee.sample_fmt = found.pointee.sample_fmts?.pointee ?? AV_SAMPLE_FMT_FLTP
        // Unusual layouts become the usual one of as many channels.
        av_channel_layout_default(&encoder.pointee.ch_layout, decoder.pointee.ch_layout.nb_channels)
        encoder.pointee.bit_rate = Int64(encoder.pointee.ch_layout.nb_channels) * 96_000
        encoder.pointee.time_base = timeBase
        if globalHeaders { encoder.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        try AV.check(avcodec_open2(encoder, found, nil), "\(name): \(AV.name(of: codec))")
        samples = av_audio_fifo_alloc(encoder.pointee.sample_fmt, encoder.pointee.ch_layout.nb_channels, 4096)
    }

    private static func rate(nearest rate: Int32, of codec: UnsafePointer<AVCodec>) -> Int32 {
        guard var next = codec.pointee.supported_samplerates else { return rate }
        var best = next.pointee
        while next.pointee != 0 {
            if abs(next.pointee - rate) < abs(best - rate) { best = next.pointee }
            next += 1
        }
        return best
    }

    /// Encodes a packet of the stream; nil: the rest, at its end.
    ///
    /// - Returns: packets with times in ``timeBase``.
    func encode(_ packet: Packet?) throws(MediaError) -> [Packet] {
        let sent = avcodec_send_packet(decoder, packet?.pointer)
        // Damaged packets are left out, as players do.
        guard sent >= 0 || packet == nil else { return [] }
        guard var frame = Optional(av_frame_alloc()) else { return [] }
        defer { av_frame_free(&frame) }
        var packets: [Packet] = []
        while let decoded = frame, avcodec_receive_frame(decoder, decoded) >= 0 {
            try take(decoded)
            packets += try encode(isLast: false)
            av_frame_unref(decoded)
        }
        if packet == nil { packets += try encode(isLast: true) }
        return packets
    }

    /// Adds a decoded frame to the samples that wait.
    private func take(_ frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        guard let encoder else { return }
        if resampler == nil {
            try AV.check(
                swr_alloc_set_opts2(
                    &resampler, &encoder.pointee.ch_layout, encoder.pointee.sample_fmt, encoder.pointee.sample_rate,
                    &frame.pointee.ch_layout, AVSampleFormat(frame.pointee.format), frame.pointee.sample_rate, 0, nil),
                name)
            try AV.check(swr_init(resampler), name)
        }
        if time == nil, frame.pointee.pts != av_no_time {
            time = frame.pointee.pts.rescaled(from: source, to: timeBase)
        }
        let most = swr_get_out_samples(resampler, frame.pointee.nb_samples)
        guard most > 0, var output = Optional(av_frame_alloc()), let converted = output else { return }
        defer { av_frame_free(&output) }
        try fill(converted, count: most)
        let count = swr_convert(
            resampler, converted.pointee.extended_data, most,
            UnsafeMutablePointer(OpaquePointer(frame.pointee.extended_data)), frame.pointee.nb_samples)
        try AV.check(count, name)
        let data = UnsafeMutablePointer<UnsafeMutableRawPointer?>(OpaquePointer(converted.pointee.extended_data))
        try AV.check(av_audio_fifo_write(samples, data, count), name)
    }

    /// Gives a frame the memory for samples of the encoder.
    private func fill(_ frame: UnsafeMutablePointer<AVFrame>, count: Int32) throws(MediaError) {
        guard let encoder else { return }
        frame.pointee.nb_samples = count
        frame.pointee.format = encoder.pointee.sample_fmt.rawValue
        frame.pointee.sample_rate = encoder.pointee.sample_rate
        try AV.check(av_channel_layout_copy(&frame.pointee.ch_layout, &encoder.pointee.ch_layout), name)
        try AV.check(av_frame_get_buffer(frame, 0), name)
    }

    /// Encodes as many frames as the samples make.
    private func encode(isLast: Bool) throws(MediaError) -> [Packet] {
        guard let encoder else { return [] }
        let size = encoder.pointee.frame_size > 0 ? encoder.pointee.frame_size : 1024
        var packets: [Packet] = []
        while true {
            let count = min(av_audio_fifo_size(samples), size)
            guard count == size || isLast && count > 0 else { break }
            guard var frame = Optional(av_frame_alloc()), let next = frame else { break }
            defer { av_frame_free(&frame) }
            try fill(next, count: count)
            let data = UnsafeMutablePointer<UnsafeMutableRawPointer?>(OpaquePointer(next.pointee.extended_data))
            try AV.check(av_audio_fifo_read(samples, data, count), name)
            next.pointee.pts = time ?? 0
            time = (time ?? 0) + Int64(count)
            try AV.check(avcodec_send_frame(encoder, next), name)
            packets += try received()
        }
        if isLast {
            _ = avcodec_send_frame(encoder, nil)
            packets += try received()
        }
        return packets
    }

    private func received() throws(MediaError) -> [Packet] {
        var packets: [Packet] = []
        while true {
            let packet = try Packet()
            guard avcodec_receive_packet(encoder, packet.pointer) >= 0 else { return packets }
            packets.append(packet)
        }
    }
}
