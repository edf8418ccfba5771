import CAVFormat
import MediaIO

/// Brings decoded sound into the format of an encoder, also if its own changes in mid-stream.
final class SoundConverter {
    private let encoder: UnsafeMutablePointer<AVCodecContext>
    private let name: String
    private var resampler: OpaquePointer?
    /// What the resampler takes.
    private var (rate, format): (Int32, Int32) = (0, 0)
    private var layout = AVChannelLayout()

    /// - Parameter encoder: lives longer than this.
    init(to encoder: UnsafeMutablePointer<AVCodecContext>, name: String) {
        self.encoder = encoder
        self.name = name
    }

    deinit {
        swr_free(&resampler)
        av_channel_layout_uninit(&layout)
    }

    /// Whether a frame goes on in the format of those before.
    func goesOn(with frame: UnsafeMutablePointer<AVFrame>) -> Bool {
        rate == frame.pointee.sample_rate && format == frame.pointee.format
            && av_channel_layout_compare(&layout, &frame.pointee.ch_layout) == 0
    }

    /// The samples of a decoded frame. ``rest()`` is to be taken before one in another format.
    func convert(_ frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) -> SoundBlock? {
        if resampler == nil || !goesOn(with: frame) { try open(for: frame) }
        return try convert(
            UnsafeMutablePointer(OpaquePointer(frame.pointee.extended_data)), count: frame.pointee.nb_samples)
    }

    /// What is still in the resampler.
    func rest() throws(MediaError) -> SoundBlock? { resampler == nil ? nil : try convert(nil, count: 0) }

    private func convert(
        _ planes: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, count: Int32
    ) throws(MediaError) -> SoundBlock? {
        let most = swr_get_out_samples(resampler, count)
        guard most > 0 else { return nil }
        let block = try SoundBlock(count: most, for: encoder, name: name)
        let converted = swr_convert(resampler, block.frame.pointee.extended_data, most, planes, count)
        block.frame.pointee.nb_samples = try AV.check(converted, name)
        return block
    }

    private func open(for frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        (rate, format) = (frame.pointee.sample_rate, frame.pointee.format)
        try AV.check(av_channel_layout_copy(&layout, &frame.pointee.ch_layout), name)
        try allocate()
        if swr_init(resampler) >= 0 { return }
        // Channels without a place cannot be mixed; the first ones are taken.
        try allocate()
        let (from, to) = (Int(layout.nb_channels), Int(encoder.pointee.ch_layout.nb_channels))
        var matrix = [Double](repeating: 0, count: from * to)
        for channel in 0..<min(from, to) { matrix[channel * from + channel] = 1 }
        try AV.check(swr_set_matrix(resampler, matrix, Int32(from)), name)
        try AV.check(swr_init(resampler), name)
    }

    private func allocate() throws(MediaError) {
        swr_free(&resampler)
        var from = AVChannelLayout()
        defer { av_channel_layout_uninit(&from) }
        if layout.order == AV_CHANNEL_ORDER_UNSPEC {
            av_channel_layout_default(&from, layout.nb_channels)
        } else {
            try AV.check(av_channel_layout_copy(&from, &layout), name)
        }
        try AV.check(
            swr_alloc_set_opts2(
                &resampler, &encoder.pointee.ch_layout, encoder.pointee.sample_fmt, encoder.pointee.sample_rate,
                &from, AVSampleFormat(format), rate, 0, nil),
            name)
    }
}
