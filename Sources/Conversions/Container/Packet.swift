import CAVFormat
import Glibc
import MediaIO

/// A packet of a stream; its content is freed with it.
final class Packet {
    let pointer: UnsafeMutablePointer<AVPacket>

    /// - Throws: if there is no memory.
    init() throws(MediaError) {
        guard let packet = av_packet_alloc() else { throw MediaError("no memory for a packet") }
        pointer = packet
    }

    /// A packet with a copy of bytes.
    convenience init(_ bytes: [UInt8]) throws(MediaError) {
        try self.init()
        try AV.check(av_new_packet(pointer, Int32(clamping: bytes.count)), "no memory for a packet")
        bytes.withUnsafeBytes { if let base = $0.baseAddress { memcpy(pointer.pointee.data, base, $0.count) } }
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&packet)
    }

    /// Adds data that Matroska keeps beside the packet, as it does the alpha of VP8 and VP9.
    ///
    /// - Throws: if there is no memory.
    func addBlockAddition(_ bytes: [UInt8]) throws(MediaError) {
        let number: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1]
        let size = number.count + bytes.count
        guard let data = av_packet_new_side_data(pointer, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, size) else {
            throw MediaError("no memory for a packet")
        }
        for (index, byte) in (number + bytes).enumerated() { data[index] = byte }
    }

    /// The data of ``addBlockAddition(_:)``; nil if there are none.
    var blockAddition: [UInt8]? {
        var size = 0
        guard let data = av_packet_get_side_data(pointer, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, &size), size >= 8 else {
            return nil
        }
        return Array(UnsafeBufferPointer(start: data + 8, count: size - 8))
    }

    /// Times and duration in another base.
    func rescale(from base: AVRational, to other: AVRational) { av_packet_rescale_ts(pointer, base, other) }

    /// Adds to the times.
    func shift(by time: Int64) {
        if pointer.pointee.pts != av_no_time { pointer.pointee.pts += time }
        if pointer.pointee.dts != av_no_time { pointer.pointee.dts += time }
    }

    /// Has it begin at 0 or later, and end with `end`, in the base of its times.
    func cutTimes(to end: Int64) {
        let early = max(-pointer.pointee.pts, 0)
        pointer.pointee.pts += early
        pointer.pointee.dts = pointer.pointee.pts
        guard pointer.pointee.duration > 0 else { return }
        pointer.pointee.duration = max(min(pointer.pointee.duration - early, end - pointer.pointee.pts), 0)
    }

    /// Leaves samples out that lie before 0 or behind `end`, in the `base` of its times.
    ///
    /// - Returns: false, without effect, if it is not PCM.
    func cutSamples(to end: Int64, base: AVRational, _ parameters: AVCodecParameters) -> Bool {
        let codec = AV.name(of: parameters.codec_id)
        guard codec.hasPrefix("pcm_"), !codec.hasSuffix("_planar") else { return false }
        let bits = av_get_exact_bits_per_sample(parameters.codec_id)
        let block = Int64(bits / 8 * parameters.ch_layout.nb_channels)
        guard block > 0, parameters.sample_rate > 0 else { return false }
        let rate = AVRational(num: 1, den: parameters.sample_rate)
        let early = max(-pointer.pointee.pts, 0)
        let count = Int64(pointer.pointee.size) / block
        let first = min(early.rescaled(from: base, to: rate), count)
        let wanted = end == .max ? count : (end - pointer.pointee.pts).rescaled(from: base, to: rate)
        let kept = max(min(count, wanted) - first, 0)
        guard kept < count else { return true }
        pointer.pointee.data += Int(first * block)
        pointer.pointee.size = Int32(kept * block)
        pointer.pointee.pts += early
        pointer.pointee.dts = pointer.pointee.pts
        pointer.pointee.duration = kept.rescaled(from: rate, to: base)
        return true
    }
}
