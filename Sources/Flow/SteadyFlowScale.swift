/// The length that has full saturation when the flows of a video are drawn one after the other: it follows the motion,
/// but slowly, so that colours do not flicker.
public struct SteadyFlowScale: Sendable {
    /// The part of a shorter scale's difference that is made up for in a frame; a longer one counts at once.
    private static let rate: Float = 0.05
    /// A pixel's motion is never drawn stronger than this, so that noise in still pictures stays faint.
    private static let least: Float = 1

    private var length: Float?

    public init() {}

    /// The length in pixels for the next flow of the video.
    public mutating func next(for flow: FlowField) -> Float {
        let longest = max(robustlyLongest(flow), Self.least)
        let before = length ?? longest
        let steady = longest > before ? longest : before + Self.rate * (longest - before)
        length = steady
        return steady
    }
}

/// The length that one vector in a hundred surpasses: single outliers do not count.
private func robustlyLongest(_ flow: FlowField) -> Float {
    // A few thousand samples tell as much as all of them.
    let step = max(1, flow.u.count / 4096)
    var squares: [Float] = []
    for index in stride(from: step / 2, to: flow.u.count, by: step) where isKnown(flow.u[index], flow.v[index]) {
        squares.append(flow.u[index] * flow.u[index] + flow.v[index] * flow.v[index])
    }
    squares.sort()
    return squares.isEmpty ? 0 : squares[squares.count * 99 / 100].squareRoot()
}
