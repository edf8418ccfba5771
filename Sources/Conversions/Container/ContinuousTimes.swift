/// Times that go on where those of a file jump, as they do in joined recordings. All are in nanoseconds.
struct ContinuousTimes {
    /// What is added to the file's times.
    private var offset: Int64 = 0
    /// What was added before the last jump, at which packets of both sides mix.
    private var previous: Int64 = 0
    private var last: [Int32: Packet] = [:]

    private struct Packet {
        let start, end: Int64

        /// Whether a packet that begins at a time follows at once.
        func touches(_ time: Int64) -> Bool { time > start - ContinuousTimes.tolerance && time < end + 500_000_000 }

        /// Whether a packet that begins at a time follows, be it after a gap.
        func precedes(_ time: Int64) -> Bool {
            time > start - ContinuousTimes.tolerance && time < end + ContinuousTimes.longestGap
        }
    }

    private static let tolerance: Int64 = 100_000_000
    /// What is longer is a jump. Players and ffmpeg take ten seconds, too.
    private static let longestGap: Int64 = 10_000_000_000

    /// What is to be added to the times of the next packet.
    ///
    /// - Parameters:
    ///   - stream: a sound or pictures, whose packets follow each other.
    ///   - time: the file's time of decoding.
    mutating func correction(ofStream stream: Int32, at time: Int64, lasting duration: Int64) -> Int64 {
        if let last = last[stream], !last.touches(time + offset) {
            if last.touches(time + previous) {
                swap(&offset, &previous)
            } else if !last.precedes(time + offset) {
                (offset, previous) = (last.end - time, offset)
            }
        }
        last[stream] = Packet(start: time + offset, end: time + offset + duration)
        return offset
    }

    /// What is added to the times of streams that have packets now and then, such as subtitles.
    var current: Int64 { offset }
}
