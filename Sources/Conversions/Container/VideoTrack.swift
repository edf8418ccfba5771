import CAVFormat
import CGStreamer
import MediaIO

/// What a container says of encoded pictures, read from the caps of the encoder's output.
struct VideoTrack {
    /// The caller's to free, by ``release()``.
    private let parameters: UnsafeMutablePointer<AVCodecParameters>
    /// Frames per second; 0/1 if variable.
    let frameRate: AVRational

    /// Nil for caps of another codec.
    init?(_ caps: UnsafeMutablePointer<GstCaps>?) {
        guard let caps, let structure = gst_caps_get_structure(caps, 0), let name = gst_structure_get_name(structure),
            let codec = Self.codecs[String(cString: name)], let parameters = avcodec_parameters_alloc()
        else { return nil }
        self.parameters = parameters
        parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        parameters.pointee.codec_id = codec
        func integer(_ field: String) -> Int32 {
            var value: gint = 0
            return gst_structure_get_int(structure, field, &value) != 0 ? value : 0
        }
        func fraction(_ field: String, default: AVRational) -> AVRational {
            var (numerator, denominator): (gint, gint) = (0, 1)
            guard gst_structure_get_fraction(structure, field, &numerator, &denominator) != 0 else { return `default` }
            return AVRational(num: numerator, den: denominator)
        }
        parameters.pointee.width = integer("width")
        parameters.pointee.height = integer("height")
        parameters.pointee.sample_aspect_ratio = fraction("pixel-aspect-ratio", default: AVRational(num: 1, den: 1))
        frameRate = fraction("framerate", default: AVRational(num: 0, den: 1))
        if let text = gst_structure_get_string(structure, "colorimetry") { setColors(text) }
        if let value = gst_structure_get_value(structure, "codec_data"), let buffer = g_value_get_boxed(value) {
            setHeader(buffer.assumingMemoryBound(to: GstBuffer.self))
        }
    }

    private static let codecs = [
        "video/x-h264": AV_CODEC_ID_H264, "video/x-vp9": AV_CODEC_ID_VP9, "video/x-prores": AV_CODEC_ID_PRORES,
        "video/x-gst-av-ffvhuff": AV_CODEC_ID_FFVHUFF,
    ]

    private func setColors(_ text: UnsafePointer<CChar>) {
        var colors = GstVideoColorimetry()
        guard gst_video_colorimetry_from_string(&colors, text) != 0 else { return }
        parameters.pointee.color_range =
            colors.range == GST_VIDEO_COLOR_RANGE_0_255 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        parameters.pointee.color_space = AVColorSpace(rawValue: gst_video_color_matrix_to_iso(colors.matrix))
        parameters.pointee.color_trc = AVColorTransferCharacteristic(
            rawValue: gst_video_transfer_function_to_iso(colors.transfer))
        parameters.pointee.color_primaries = AVColorPrimaries(
            rawValue: gst_video_color_primaries_to_iso(colors.primaries))
    }

    private func setHeader(_ buffer: UnsafeMutablePointer<GstBuffer>) {
        let size = Int(gst_buffer_get_size(buffer))
        guard let memory = av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else { return }
        gst_buffer_extract(buffer, 0, memory, gsize(size))
        parameters.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(size)
    }

    /// Adds the track to a container.
    func add(to output: OutputContainer, timeBase: AVRational) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        let stream = try output.add(parameters, timeBase: timeBase)
        stream.pointee.avg_frame_rate = frameRate
        // ProRes is written with alpha only.
        if parameters.pointee.codec_id == AV_CODEC_ID_PRORES {
            stream.pointee.codecpar.pointee.codec_tag = UInt32(littleEndianLetters: "ap4h")
            stream.pointee.codecpar.pointee.bits_per_coded_sample = 32
        }
        stream.pointee.sample_aspect_ratio = parameters.pointee.sample_aspect_ratio
        return stream
    }

    func release() {
        var parameters: UnsafeMutablePointer<AVCodecParameters>? = parameters
        avcodec_parameters_free(&parameters)
    }
}

extension UInt32 {
    /// Four letters as the containers' tags have them.
    fileprivate init(littleEndianLetters letters: StaticString) {
        self = letters.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }
}
