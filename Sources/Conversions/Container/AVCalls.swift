import CAVFormat
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
