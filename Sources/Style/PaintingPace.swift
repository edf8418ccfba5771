/// Decides how often the network paints in a live stream: every frame if there is time, else every second one.
public struct PaintingPace: Sendable {
    /// Shares of a frame's duration: painting takes more than the first before frames are left out, and less than the
    /// second before they are painted again.
    private static let limits = (busy: 0.8, idle: 0.6)
    /// Share of the latest frame in the average.
    private static let newest = 0.2
    /// Painted frames before the first decision: the first ones allocate memory.
    private static let settlingFrames = 3

    private var average = 0.0
    private var count = 0
    /// 1 or 2.
    public private(set) var every = 1

    /// Every frame is painted until others are recorded.
    public init() {}

    /// Records a painted frame.
    ///
    /// - Parameters:
    ///   - seconds: that painting took.
    ///   - duration: of a frame in seconds; nil: not known, so that every frame is painted.
    public mutating func record(seconds: Double, duration: Double?) {
        count += 1
        guard let duration, duration > 0, count > Self.settlingFrames else { return }
        average = count == Self.settlingFrames + 1 ? seconds : average + Self.newest * (seconds - average)
        if average > Self.limits.busy * duration { every = 2 }
        if average < Self.limits.idle * duration { every = 1 }
    }
}
