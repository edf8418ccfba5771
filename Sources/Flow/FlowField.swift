import Imaging

/// A dense displacement field, in pixels of its own resolution; x to the right, y down. Pixel (x, y) of the source
/// frame corresponds to (x + u, y + v) in the target frame.
public struct FlowField: Sendable, Equatable {
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// Horizontal displacements, `width * height`, row by row.
    public var u: [Float]
    /// Vertical displacements, `width * height`, row by row.
    public var v: [Float]
    /// Number of images stacked in it, one below the other: a batch. Operations treat each image by itself.
    package var batchSize = 1

    /// Zero flow.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
        u = Array(repeating: 0, count: width * height)
        v = Array(repeating: 0, count: width * height)
    }

    /// - Precondition: `u` and `v` hold `width * height` values each.
    public init(width: Int, height: Int, u: [Float], v: [Float]) {
        let count = width * height
        precondition(u.count == count && v.count == count, "a flow field needs width * height vectors")
        self.width = width
        self.height = height
        self.u = u
        self.v = v
    }

    /// The same flow as a batch of stacked images.
    package func withBatchSize(_ batchSize: Int) -> FlowField {
        var flow = self
        flow.batchSize = batchSize
        return flow
    }
}

/// The flow between a frame and an earlier one, in both directions.
public struct FlowPair: Sendable, Equatable {
    /// From the frame to the earlier one; used for warping.
    public var backward: FlowField
    /// From the earlier frame to this one; used to check the backward flow.
    public var forward: FlowField

    /// Both are in pixels of the same resolution.
    public init(backward: FlowField, forward: FlowField) {
        self.backward = backward
        self.forward = forward
    }
}
