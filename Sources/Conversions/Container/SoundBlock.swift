import CAVFormat
import MediaIO

/// Samples in the format of an encoder; they are freed with it.
final class SoundBlock {
    let frame: UnsafeMutablePointer<AVFrame>

    /// - Parameter count: of samples in each channel.
    /// - Throws: if there is no memory.
    init(count: Int32, for encoder: UnsafeMutablePointer<AVCodecContext>, name: String) throws(MediaError) {
        guard let frame = av_frame_alloc() else { throw MediaError("\(name): no memory for the sound") }
        self.frame = frame
        frame.pointee.nb_samples = count
        frame.pointee.format = encoder.pointee.sample_fmt.rawValue
        frame.pointee.sample_rate = encoder.pointee.sample_rate
        try AV.check(av_channel_layout_copy(&frame.pointee.ch_layout, &encoder.pointee.ch_layout), name)
        try AV.check(av_frame_get_buffer(frame, 0), name)
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// Where the samples of each channel begin, or those of all channels where they alternate.
    ///
    /// - Parameter index: of the first sample.
    func planes(from index: Int64) -> [UnsafeMutableRawPointer?] {
        let format = AVSampleFormat(frame.pointee.format)
        let channels = Int(frame.pointee.ch_layout.nb_channels)
        let isPlanar = av_sample_fmt_is_planar(format) != 0
        let step = Int(av_get_bytes_per_sample(format)) * (isPlanar ? 1 : channels)
        return (0..<(isPlanar ? channels : 1)).map { channel in
            frame.pointee.extended_data[channel].map { UnsafeMutableRawPointer($0) + Int(index) * step }
        }
    }
}
