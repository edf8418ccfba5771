/// The vector length drawn at full saturation in a video of flows. It follows the motion slowly, so that colours do not
/// flicker.
public struct SmoothedFlowScale: Sendable {
    /// Share by which the scale falls towards a smaller one per frame; it rises at once.
    private static let rate: Float = 0.05
    /// Minimum scale in pixels, so that noise in still images stays faint.
    private static let least: Float = 1

    private var length: Float?

    /// Starts a video: the first flow sets the scale.
    public init() {}

    /// The scale for the next flow of the video, in pixels.
    public mutating func next(for flow: FlowField) -> Float {
        let longest = max(robustlyLongest(flow), Self.least)
        let before = length ?? longest
        let steady = longest > before ? longest : before + Self.rate * (longest - before)
        length = steady
        return steady
    }
}

/// The 99th percentile of the vector lengths: ignores outliers.
private func robustlyLongest(_ flow: FlowField) -> Float {
    // A few thousand samples are enough.
    let step = max(1, flow.u.count / 4096)
    var squares: [Float] = []
    for index in stride(from: step / 2, to: flow.u.count, by: step) where isKnown(flow.u[index], flow.v[index]) {
        squares.append(flow.u[index] * flow.u[index] + flow.v[index] * flow.v[index])
    }
    squares.sort()
    return squares.isEmpty ? 0 : squares[squares.count * 99 / 100].squareRoot()
}
