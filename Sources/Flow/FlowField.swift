import Imaging

/// A dense displacement field: pixel (x, y) of the frame where the flow starts is found at (x + u, y + v) in the frame
/// where it points. In pixels of its own resolution; x to the right, y down.
public struct FlowField: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// Horizontal displacements, `width * height`, row by row.
    public var u: [Float]
    /// Vertical displacements, `width * height`, row by row.
    public var v: [Float]

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
}

/// The flow between a frame and an earlier one, both ways.
public struct FlowPair: Sendable, Equatable {
    /// From the frame to the earlier one: where each of its pixels came from. This is the one that warps.
    public var backward: FlowField
    /// From the earlier frame to this one: what the backward flow is checked with.
    public var forward: FlowField

    public init(backward: FlowField, forward: FlowField) {
        self.backward = backward
        self.forward = forward
    }
}
