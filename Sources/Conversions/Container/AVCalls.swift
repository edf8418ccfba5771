import CAVFormat
import Glibc
import MediaIO

/// Calls of libavformat and libavcodec.
enum AV {
    /// The error for a negative result.
    ///
    /// - Parameter place: the file, and what was done with it.
    @discardableResult
    static func check(_ result: Int32, _ place: @autoclosure () -> String) throws(MediaError) -> Int32 {
        guard result < 0 else { return result }
        if result == -ENOSPC { throw MediaError("\(place()): the disk is full; free some space or write elsewhere") }
        throw MediaError("\(place()): \(text(of: result))")
    }

    /// The words of a negative result.
    static func text(of result: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            guard let base = text.baseAddress, av_strerror(result, base, text.count) == 0 else {
                return "error \(result)"
            }
            return String(cString: base)
        }
    }

    /// Nanoseconds as a time base.
    static let nanoseconds = AVRational(num: 1, den: 1_000_000_000)

    /// The name of a codec, such as `mp3`.
    static func name(of codec: AVCodecID) -> String { String(cString: avcodec_get_name(codec)) }

    /// Messages of the libraries go nowhere: errors are reported by their results.
    static func silence() { av_log_set_level(AV_LOG_QUIET) }
}

extension Int64 {
    /// A time in another base, rounded to the nearest; `av_no_time` stays.
    func rescaled(from base: AVRational, to other: AVRational) -> Int64 {
        self == av_no_time ? self : av_rescale_q(self, base, other)
    }
}

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

    /// Times and duration in another base.
    func rescale(from base: AVRational, to other: AVRational) { av_packet_rescale_ts(pointer, base, other) }
}
