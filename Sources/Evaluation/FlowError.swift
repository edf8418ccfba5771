import Flow
import Imaging

/// How far a flow is from the truth.
public struct FlowError: Sendable, Codable, Equatable {
    /// Mean distance between the vectors' ends, in pixels, where the truth is known.
    public var endPoint: Double
    /// The part of the known vectors that is more than 3 pixels off, 0...1.
    public var overThreePixels: Double
    /// How many vectors of the truth are known.
    public var knownPixels: Int

    /// - Parameter mask: pixels to leave out, where it is above 127.
    /// - Throws: ``EvaluationError`` where the sizes differ or no vector is known.
    public init(of flow: FlowField, truth: FlowField, leavingOut mask: Plane<UInt8>? = nil) throws {
        guard flow.width == truth.width, flow.height == truth.height else {
            throw EvaluationError(
                "a flow of \(flow.width) x \(flow.height) cannot be compared with one of \(truth.width) x \(truth.height)"
            )
        }
        if let mask, mask.width != flow.width || mask.height != flow.height {
            throw EvaluationError(
                "a mask of \(mask.width) x \(mask.height) does not fit a flow of \(flow.width) x \(flow.height)")
        }
        var (sum, far, known) = (0.0, 0, 0)
        for i in truth.u.indices where abs(truth.u[i]) < 1e9 && abs(truth.v[i]) < 1e9 {
            if let mask, mask.values[i] > 127 { continue }
            let (u, v) = (Double(flow.u[i] - truth.u[i]), Double(flow.v[i] - truth.v[i]))
            let distance = (u * u + v * v).squareRoot()
            sum += distance
            if distance > 3 { far += 1 }
            known += 1
        }
        guard known > 0 else { throw EvaluationError("the true flow has no known vector") }
        endPoint = sum / Double(known)
        overThreePixels = Double(far) / Double(known)
        knownPixels = known
    }
}
