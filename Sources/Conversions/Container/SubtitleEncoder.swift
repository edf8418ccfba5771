import CAVFormat
import MediaIO

/// Writes the text of subtitles in another format, for containers that do not hold theirs.
final class SubtitleEncoder {
    private var decoder: UnsafeMutablePointer<AVCodecContext>?
    private var encoder: UnsafeMutablePointer<AVCodecContext>?
    private let name: String
    /// What the container is told.
    let parameters: UnsafeMutablePointer<AVCodecParameters>

    /// - Throws: if they are pictures, or one of the codecs is missing.
    init(
        of stream: UnsafeMutablePointer<AVStream>, as codec: AVCodecID, globalHeaders: Bool, name: String
    ) throws(MediaError) {
        self.name = name
        guard let parameters = avcodec_parameters_alloc() else { throw MediaError("\(name): no memory for subtitles") }
        self.parameters = parameters
        let given = stream.pointee.codecpar.pointee.codec_id
        guard let properties = avcodec_descriptor_get(given)?.pointee.props, properties & AV_CODEC_PROP_TEXT_SUB != 0,
            let reader = avcodec_find_decoder(given), let writer = avcodec_find_encoder(codec)
        else { throw MediaError("\(name): \(AV.name(of: given)) is not text") }
        decoder = avcodec_alloc_context3(reader)
        try AV.check(avcodec_parameters_to_context(decoder, stream.pointee.codecpar), name)
        decoder?.pointee.pkt_timebase = stream.pointee.time_base
        try AV.check(avcodec_open2(decoder, reader, nil), name)
        encoder = avcodec_alloc_context3(writer)
        guard let decoder, let encoder else { throw MediaError("\(name): no memory for subtitles") }
        encoder.pointee.time_base = stream.pointee.time_base
        if let header = decoder.pointee.subtitle_header {
            let size = Int(decoder.pointee.subtitle_header_size)
            encoder.pointee.subtitle_header = av_memdup(header, size + 1)?.assumingMemoryBound(to: UInt8.self)
            encoder.pointee.subtitle_header_size = Int32(size)
        }
        if globalHeaders { encoder.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        try AV.check(avcodec_open2(encoder, writer, nil), name)
        try AV.check(avcodec_parameters_from_context(parameters, encoder), name)
    }

    /// Texts that the format does not hold.
    private(set) var tooLongCount = 0

    deinit {
        avcodec_free_context(&decoder)
        avcodec_free_context(&encoder)
        var parameters: UnsafeMutablePointer<AVCodecParameters>? = parameters
        avcodec_parameters_free(&parameters)
    }

    /// The packet in the other format, with the same times; nil if it has no text, or one that is too long.
    func encode(_ packet: Packet) throws(MediaError) -> Packet? {
        var subtitle = AVSubtitle()
        var isWhole: Int32 = 0
        // Damaged packets are left out, as players do.
        guard avcodec_decode_subtitle2(decoder, &subtitle, &isWhole, packet.pointer) >= 0, isWhole != 0 else {
            return nil
        }
        defer { avsubtitle_free(&subtitle) }
        guard subtitle.num_rects > 0 else { return nil }
        subtitle.end_display_time -= min(subtitle.start_display_time, subtitle.end_display_time)
        subtitle.start_display_time = 0
        // Marks of the format make a text longer, but not many times as long.
        var bytes = [UInt8](repeating: 0, count: 1 << 16 + 8 * Int(max(packet.pointer.pointee.size, 0)))
        let size = avcodec_encode_subtitle(encoder, &bytes, Int32(bytes.count), &subtitle)
        // MP4's texts have 65,535 bytes at most.
        if size < 0 { tooLongCount += 1 }
        guard size > 0 else { return nil }
        let result = try Packet(Array(bytes.prefix(Int(size))))
        result.pointer.pointee.pts = packet.pointer.pointee.pts
        result.pointer.pointee.dts = packet.pointer.pointee.pts
        result.pointer.pointee.duration = packet.pointer.pointee.duration
        result.pointer.pointee.flags |= AV_PKT_FLAG_KEY
        return result
    }
}
