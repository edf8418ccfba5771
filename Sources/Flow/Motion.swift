import Imaging

/// Flow between two frames, with its certainty.
public struct Motion: Sendable {
    /// From one frame to the other, in pixels.
    public var flow: FlowField
    /// Certainty of `flow`, 0...1.
    public var certainty: Plane<Float>

    /// Side of the minimum filter on the certainty in live use, in pixels. It removes pixels next to those that the
    /// check finds, where flow is blurred.
    public static let defaultMinimumFilter = 5

    /// The minimum filter's size in pixels of the flow: odd, and covering at least `side` pixels of the frame.
    package static func filterSize(_ side: Int, of frameWidth: Int, at flowWidth: Int) -> Int {
        guard side > 1 else { return 1 }
        let radius = Double(side / 2) * Double(flowWidth) / Double(max(frameWidth, 1))
        return 2 * Int(radius.rounded(.up)) + 1
    }

    /// Flow and certainty of one size, or of two that are resampled later.
    public init(flow: FlowField, certainty: Plane<Float>) {
        self.flow = flow
        self.certainty = certainty
    }

    /// Flow checked against the reverse flow, without a minimum filter, as in the paper.
    /// - Precondition: both flows have the same size.
    public init(flow: FlowField, reverse: FlowField, check: ConsistencyCheck = ConsistencyCheck(), threads: Int = 0) {
        self.flow = flow
        certainty = check.certainty(of: flow, reverse: reverse, threads: threads)
    }

    /// The motion to a frame farther back: along this one, then along that of its target.
    ///
    /// - Parameter earlier: from this motion's target, of the same size.
    /// - Returns: the sum of both flows along the path, bilinearly sampled; certain where both are.
    package func continued(by earlier: Motion, threads: Int = 0) -> Motion {
        let (width, height) = (flow.width, flow.height)
        let count = width * height
        var planes = Image(
            width: width, height: height, channels: 3,
            samples: earlier.flow.u + earlier.flow.v + earlier.certainty.values)
        planes.batchSize = flow.batchSize
        var path = planes.warped(by: flow, interpolation: .bilinear, threads: threads)
        var result = self
        path.samples.withUnsafeMutableBufferPointer { path in
            for pixel in 0..<count {
                result.flow.u[pixel] += path[pixel]
                result.flow.v[pixel] += path[count + pixel]
                result.certainty.values[pixel] *= path[2 * count + pixel]
            }
        }
        return result
    }

    /// The motion resampled for frames of another size.
    package func resized(width: Int, height: Int, threads: Int = 0) -> Motion {
        Motion(
            flow: flow.resized(width: width, height: height, threads: threads),
            certainty: certainty.minimumResized(width: width, height: height, threads: threads))
    }
}
