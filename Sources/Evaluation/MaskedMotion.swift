import Flow
import Imaging

extension Motion {
    /// Given flow with masks, in which values above 127 mean occluded or invalid. Pixels that leave the frame and
    /// unknown vectors are uncertain, too.
    /// - Throws: ``EvaluationError`` if a mask has another size than the flow.
    public init(flow: FlowField, masks: [Plane<UInt8>]) throws {
        var certainty = Plane<Float>(width: flow.width, height: flow.height, repeating: 1)
        for mask in masks {
            guard mask.width == flow.width, mask.height == flow.height else {
                throw EvaluationError(
                    "a mask of \(mask.width) x \(mask.height) does not fit a flow of \(flow.width) x \(flow.height)")
            }
            for (i, value) in mask.values.enumerated() where value > 127 { certainty.values[i] = 0 }
        }
        for y in 0..<flow.height {
            for x in 0..<flow.width {
                let i = y * flow.width + x
                let (targetX, targetY) = (Float(x) + flow.u[i], Float(y) + flow.v[i])
                let inside =
                    targetX >= 0 && targetX <= Float(flow.width - 1) && targetY >= 0
                    && targetY <= Float(flow.height - 1)
                if !inside { certainty.values[i] = 0 }
            }
        }
        self.init(flow: flow, certainty: certainty)
    }
}
