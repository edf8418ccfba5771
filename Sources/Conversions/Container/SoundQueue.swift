import CAVFormat
import MediaIO

/// Sound that waits to be encoded. It has no gaps: what is missing between its parts is silence, and what would be there twice is
/// dropped. Times are in samples of the encoder.
final class SoundQueue {
    private let encoder: UnsafeMutablePointer<AVCodecContext>
    private let name: String
    private var samples: OpaquePointer?
    /// Time of the first sample; nil before there are any.
    private var start: Int64?
    private let end: Int64

    /// - Parameters:
    ///   - encoder: open; it lives longer than this.
    ///   - end: the time at which the sound is cut.
    /// - Throws: if there is no memory.
    init(for encoder: UnsafeMutablePointer<AVCodecContext>, end: Int64, name: String) throws(MediaError) {
        self.encoder = encoder
        self.end = end
        self.name = name
        samples = av_audio_fifo_alloc(encoder.pointee.sample_fmt, encoder.pointee.ch_layout.nb_channels, 4096)
        guard samples != nil else { throw MediaError("\(name): no memory for the sound") }
    }

    deinit { if let samples { av_audio_fifo_free(samples) } }

    /// Number of samples that wait.
    var count: Int32 { av_audio_fifo_size(samples) }

    private var rate: Int64 { Int64(encoder.pointee.sample_rate) }

    /// How many samples are missing before a time; negative: how many that begin there are not wanted.
    ///
    /// - Parameters:
    ///   - time: nil: it follows at once.
    ///   - tolerance: in seconds; less is no gap, since times are rounded, and clocks differ.
    func gap(before time: Int64?, tolerance: Double) -> Int64 {
        guard let time else { return 0 }
        // Sound that begins late does so in the output, too.
        guard let start else { return min(time, 0) }
        let gap = time - start - Int64(count)
        // What is longer than four hours is a wrong time.
        return abs(gap) > Int64(tolerance * Double(rate)) && gap < 4 * 3600 * rate ? gap : 0
    }

    func append(silence count: Int64) throws(MediaError) {
        let block = try SoundBlock(count: Int32(clamping: count), for: encoder, name: name)
        let frame = block.frame
        av_samples_set_silence(
            frame.pointee.extended_data, 0, frame.pointee.nb_samples, frame.pointee.ch_layout.nb_channels,
            AVSampleFormat(frame.pointee.format))
        try append(block, at: nil, skipping: 0)
    }

    /// - Parameters:
    ///   - time: of the block; counts for the first.
    ///   - skipped: how many samples at its beginning are dropped.
    func append(_ block: SoundBlock, at time: Int64?, skipping skipped: Int64) throws(MediaError) {
        let length = Int64(block.frame.pointee.nb_samples)
        if start == nil, length > skipped { start = max(time ?? 0, 0) }
        guard let start else { return }
        let count = min(length - skipped, end - start - Int64(self.count))
        guard count > 0 else { return }
        var planes = block.planes(from: skipped)
        try AV.check(av_audio_fifo_write(samples, &planes, Int32(count)), name)
    }

    /// Takes the first samples.
    ///
    /// - Parameter count: at most ``count``.
    func take(_ count: Int32) throws(MediaError) -> SoundBlock {
        let block = try SoundBlock(count: count, for: encoder, name: name)
        var planes = block.planes(from: 0)
        try AV.check(av_audio_fifo_read(samples, &planes, count), name)
        block.frame.pointee.pts = start ?? 0
        start = (start ?? 0) + Int64(count)
        return block
    }
}
