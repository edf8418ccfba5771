/// Finds the frames that a damaged video lacks: packets that give none, and holes between packets. Both leave a gap in the
/// times at which frames are shown, unlike packets that give no frame of their own, such as second fields.
struct FrameGaps {
    /// Times of the packets whose frames have not come yet, in nanoseconds.
    private var waiting: [Int64] = []
    /// The end of the last frame; nil before the first.
    private var end: Int64?
    /// How long the last frame is shown.
    private var length: Int64 = 0
    /// Frames whose packets were read, but could not be decoded.
    private(set) var undecoded = 0
    /// Frames that fit into gaps without packets. A video of a varying rate has such gaps, too.
    private(set) var unread = 0

    /// A packet was read whose frame is shown at a time.
    mutating func read(_ time: Int64) { waiting.append(time) }

    /// A frame was decoded.
    ///
    /// - Parameters:
    ///   - length: how long it is shown; nil if that is not known.
    ///   - isCounted: whether a gap before it is looked at.
    mutating func show(_ time: Int64, length: Int64?, isCounted: Bool) {
        if isCounted { look(until: time, waiting.count { $0 < time }) }
        // Frames come in the order of their times.
        waiting.removeAll { $0 <= time }
        self.length = length ?? 0
        end = time + self.length
    }

    /// No frame comes any more, though packets reach to a time.
    mutating func finish(_ time: Int64) { look(until: time, waiting.count) }

    private mutating func look(until time: Int64, _ packets: Int) {
        guard let end, length > 0, time > end + length / 2 else { return }
        let room = Int(clamping: (time - end + length / 2) / length)
        undecoded += min(packets, room)
        unread += max(room - packets, 0)
    }
}
