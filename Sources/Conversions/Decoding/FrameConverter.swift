import CAVFormat
import MediaIO

/// Converts decoded frames to one of our pixel formats, rounded to the nearest value, by libswscale.
final class FrameConverter {
    private var context: OpaquePointer?
    private var converted: UnsafeMutablePointer<AVFrame>?
    private let name: String

    /// - Parameter name: of the input, in errors.
    init(name: String) { self.name = name }

    deinit {
        sws_freeContext(context)
        av_frame_free(&converted)
    }

    /// The frame in the format, with its times and colors; valid until the next call.
    func convert(
        _ frame: UnsafeMutablePointer<AVFrame>, to format: FramePixelFormat
    ) throws(MediaError) -> UnsafeMutablePointer<AVFrame> {
        let (width, height) = (frame.pointee.width, frame.pointee.height)
        let source = AVPixelFormat(rawValue: frame.pointee.format)
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT
        context = sws_getCachedContext(
            context, width, height, source, width, height, format.format, flags, nil, nil, nil)
        guard let context else { throw MediaError("\(name): has frames of a format that cannot be converted") }
        setColors(of: frame, in: context)
        if converted == nil { converted = av_frame_alloc() }
        guard let converted else { throw MediaError("\(name): no memory for a frame") }
        av_frame_unref(converted)
        try AV.check(av_frame_copy_props(converted, frame), name)
        converted.pointee.format = format.format.rawValue
        converted.pointee.width = width
        converted.pointee.height = height
        try AV.check(av_frame_get_buffer(converted, 0), name)
        try AV.check(sws_scale_frame(context, converted, frame), name)
        return converted
    }

    /// Matrix and range of the frame, which luma and chroma keep.
    private func setColors(of frame: UnsafeMutablePointer<AVFrame>, in context: OpaquePointer) {
        let matrix =
            switch frame.pointee.colorspace {
            case AVCOL_SPC_BT709: SWS_CS_ITU709
            case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
            case AVCOL_SPC_UNSPECIFIED where frame.pointee.height > 576: SWS_CS_ITU709
            default: SWS_CS_ITU601
            }
        let isFull: Int32 = frame.pointee.color_range == AVCOL_RANGE_JPEG ? 1 : 0
        let coefficients = sws_getCoefficients(matrix)
        sws_setColorspaceDetails(context, coefficients, isFull, coefficients, isFull, 0, 1 << 16, 1 << 16)
    }
}
