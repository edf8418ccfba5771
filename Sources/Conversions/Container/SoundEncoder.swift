import CAVFormat
import MediaIO

/// Encodes the sound of a stream anew, for containers that do not hold its codec.
final class SoundEncoder {
    private var decoder: UnsafeMutablePointer<AVCodecContext>?
    private var encoder: UnsafeMutablePointer<AVCodecContext>?
    private let converter: SoundConverter
    private let queue: SoundQueue
    private let source: AVRational
    /// Where the last frame ends, as its packet says.
    private var expected = av_no_time
    private let name: String
    /// What the container is told.
    let parameters: UnsafeMutablePointer<AVCodecParameters>
    /// Of the packets' times.
    let timeBase: AVRational
    /// How many packets could not be decoded. Their sound is silence.
    private(set) var damagedCount = 0

    /// - Parameter end: where the sound is cut, in nanoseconds of the packets' times.
    /// - Throws: if one of the codecs is missing.
    init(
        of stream: UnsafeMutablePointer<AVStream>, as codec: AVCodecID, globalHeaders: Bool, end: Int64, name: String
    ) throws(MediaError) {
        self.name = name
        source = stream.pointee.time_base
        guard let parameters = avcodec_parameters_alloc() else { throw MediaError("\(name): no memory for the sound") }
        var decoder: UnsafeMutablePointer<AVCodecContext>?
        var encoder: UnsafeMutablePointer<AVCodecContext>?
        do {
            let opened = try Self.decoder(of: stream, name: name)
            decoder = opened
            let chosen = try Self.encoder(codec, for: opened, globalHeaders: globalHeaders, name: name)
            encoder = chosen
            try AV.check(avcodec_parameters_from_context(parameters, chosen), name)
            timeBase = chosen.pointee.time_base
            converter = SoundConverter(to: chosen, name: name)
            let samples = end == .max ? end : end.rescaled(from: AV.nanoseconds, to: timeBase)
            queue = try SoundQueue(for: chosen, end: samples, name: name)
        } catch {
            var parameters: UnsafeMutablePointer<AVCodecParameters>? = parameters
            avcodec_parameters_free(&parameters)
            avcodec_free_context(&decoder)
            avcodec_free_context(&encoder)
            throw error
        }
        self.parameters = parameters
        self.decoder = decoder
        self.encoder = encoder
    }

    deinit {
        avcodec_free_context(&decoder)
        avcodec_free_context(&encoder)
        var parameters: UnsafeMutablePointer<AVCodecParameters>? = parameters
        avcodec_parameters_free(&parameters)
    }

    private static func decoder(
        of stream: UnsafeMutablePointer<AVStream>, name: String
    ) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
        let codec = stream.pointee.codecpar.pointee.codec_id
        guard let found = avcodec_find_decoder(codec), let context = avcodec_alloc_context3(found) else {
            throw MediaError("\(name): no decoder for \(AV.name(of: codec))")
        }
        do {
            try AV.check(avcodec_parameters_to_context(context, stream.pointee.codecpar), name)
            context.pointee.pkt_timebase = stream.pointee.time_base
            try AV.check(avcodec_open2(context, found, nil), "\(name): \(AV.name(of: codec))")
        } catch {
            var opened: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&opened)
            throw error
        }
        return context
    }

    /// An encoder for what a decoder gives at first, in the nearest layout of channels that it takes.
    private static func encoder(
        _ codec: AVCodecID, for decoder: UnsafeMutablePointer<AVCodecContext>, globalHeaders: Bool, name: String
    ) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
        guard let found = avcodec_find_encoder(codec) else {
            throw MediaError("\(name): no encoder for \(AV.name(of: codec))")
        }
        for layout in SoundLayouts.candidates(for: decoder.pointee.ch_layout) {
            guard let encoder = avcodec_alloc_context3(found) else { break }
            encoder.pointee.sample_rate = rate(nearest: decoder.pointee.sample_rate, of: found)
            encoder.pointee.sample_fmt = found.pointee.sample_fmts?.pointee ?? AV_SAMPLE_FMT_FLTP
            encoder.pointee.ch_layout = layout
            encoder.pointee.bit_rate = Int64(layout.nb_channels) * 96_000
            encoder.pointee.time_base = AVRational(num: 1, den: encoder.pointee.sample_rate)
            if globalHeaders { encoder.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
            if avcodec_open2(encoder, found, nil) >= 0 { return encoder }
            var refused: UnsafeMutablePointer<AVCodecContext>? = encoder
            avcodec_free_context(&refused)
        }
        throw MediaError("\(name): \(AV.name(of: codec)) takes no such sound")
    }

    private static func rate(nearest rate: Int32, of codec: UnsafePointer<AVCodec>) -> Int32 {
        let rate = rate > 0 ? rate : 48_000
        guard var next = codec.pointee.supported_samplerates else { return rate }
        var best = next.pointee
        while next.pointee != 0 {
            if abs(next.pointee - rate) < abs(best - rate) { best = next.pointee }
            next += 1
        }
        return best
    }

    /// Channels of the stream, at its beginning, and of the encoded sound.
    var channels: (before: Int, after: Int) {
        (Int(decoder?.pointee.ch_layout.nb_channels ?? 0), Int(parameters.pointee.ch_layout.nb_channels))
    }

    /// Encodes a packet of the stream; nil: the rest, at its end.
    ///
    /// - Parameter write: given packets with times in ``timeBase``.
    func encode(_ packet: Packet?, to write: (Packet) throws(MediaError) -> Void) throws(MediaError) {
        // Damaged packets are left out, as players do.
        if avcodec_send_packet(decoder, packet?.pointer) < 0, packet != nil { damagedCount += 1 }
        guard var frame = Optional(av_frame_alloc()), let decoded = frame else { return }
        defer { av_frame_free(&frame) }
        while avcodec_receive_frame(decoder, decoded) >= 0 {
            try take(decoded, write)
            av_frame_unref(decoded)
        }
        guard packet == nil else { return }
        if let rest = try converter.rest() { try take(rest, at: nil, write) }
        try encode(isLast: true, write)
    }

    private func take(
        _ frame: UnsafeMutablePointer<AVFrame>, _ write: (Packet) throws(MediaError) -> Void
    ) throws(MediaError) {
        if !converter.goesOn(with: frame), let rest = try converter.rest() { try take(rest, at: nil, write) }
        guard let block = try converter.convert(frame) else { return }
        let stamp = frame.pointee.pts == av_no_time ? frame.pointee.best_effort_timestamp : frame.pointee.pts
        guard stamp != av_no_time else { return try take(block, at: nil, write) }
        // Of packets that follow each other, the times are often made from a rate, which is wrong when it has changed.
        let step = expected == av_no_time ? .max : abs(stamp - expected).rescaled(from: source, to: AV.nanoseconds)
        expected = stamp + max(av_frame_length(frame), 0)
        try take(
            block, at: stamp.rescaled(from: source, to: timeBase), tolerance: step < 3_000_000 ? 0.25 : 0.05, write)
    }

    private func take(
        _ block: SoundBlock, at time: Int64?, tolerance: Double = 0,
        _ write: (Packet) throws(MediaError) -> Void
    ) throws(MediaError) {
        var missing = queue.gap(before: time, tolerance: tolerance)
        while missing > 0 {
            let part = min(missing, Int64(timeBase.den))
            try queue.append(silence: part)
            try encode(isLast: false, write)
            missing -= part
        }
        try queue.append(block, at: time, skipping: -missing)
        try encode(isLast: false, write)
    }

    /// Encodes as many frames as the samples make.
    private func encode(isLast: Bool, _ write: (Packet) throws(MediaError) -> Void) throws(MediaError) {
        guard let encoder else { return }
        let size = encoder.pointee.frame_size > 0 ? encoder.pointee.frame_size : 1024
        while queue.count >= size || isLast && queue.count > 0 {
            let block = try queue.take(min(queue.count, size))
            try AV.check(avcodec_send_frame(encoder, block.frame), name)
            try receive(write)
        }
        if isLast {
            _ = avcodec_send_frame(encoder, nil)
            try receive(write)
        }
    }

    private func receive(_ write: (Packet) throws(MediaError) -> Void) throws(MediaError) {
        while true {
            let packet = try Packet()
            guard avcodec_receive_packet(encoder, packet.pointer) >= 0 else { return }
            try write(packet)
        }
    }
}
