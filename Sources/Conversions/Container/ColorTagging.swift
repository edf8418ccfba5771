import CAVFormat
import MediaIO

/// Writes the colors' meaning into the headers of encoded pictures, where the encoder of GStreamer 1.22 leaves it out: the matrix
/// of BT.2020 in VP9.
final class ColorTagging {
    private var context: UnsafeMutablePointer<AVBSFContext>?
    private let name: String

    /// Nil if the encoder has written it.
    ///
    /// - Parameter name: in errors.
    init?(for parameters: UnsafePointer<AVCodecParameters>, name: String) throws(MediaError) {
        self.name = name
        guard parameters.pointee.codec_id == AV_CODEC_ID_VP9, parameters.pointee.color_space == AVCOL_SPC_BT2020_NCL,
            let filter = av_bsf_get_by_name("vp9_metadata")
        else { return nil }
        try AV.check(av_bsf_alloc(filter, &context), name)
        try AV.check(avcodec_parameters_copy(context?.pointee.par_in, parameters), name)
        try AV.check(av_opt_set(context?.pointee.priv_data, "color_space", "bt2020", 0), name)
        try AV.check(av_bsf_init(context), name)
    }

    deinit { av_bsf_free(&context) }

    /// Changes the packet's header in place.
    func apply(to packet: Packet) throws(MediaError) {
        try AV.check(av_bsf_send_packet(context, packet.pointer), name)
        try AV.check(av_bsf_receive_packet(context, packet.pointer), name)
    }
}
