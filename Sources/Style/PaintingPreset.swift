import Flow

/// Speed against quality of coherent painting: what its parts are set to.
public struct PaintingPreset: Sendable, Equatable {
    /// 2: the network paints every second frame; see ``Stylizer``.
    public let every: Int
    /// As in ``StyleRequest``.
    public let brush: Double
    /// Preset of the flow estimator.
    public let flow: FlowPreset
    /// Most pixels at which flow is computed.
    public let flowPixels: Int

    /// The network paints every second frame, on three quarters of the pixels; flow of few pixels.
    public static let live = PaintingPreset(
        every: 2, brush: 1.15, flow: .medium, flowPixels: FlowHistory.livePixels)
    /// The network paints every frame; fast flow.
    public static let balanced = PaintingPreset(every: 1, brush: 1, flow: .fast, flowPixels: FlowHistory.pixels)
    /// The network paints every frame; more accurate flow.
    public static let best = PaintingPreset(every: 1, brush: 1, flow: .medium, flowPixels: FlowHistory.pixels)
}
