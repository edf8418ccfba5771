import Flow
import Imaging

/// Error of a flow against ground truth.
public struct FlowError: Sendable, Codable, Equatable {
    /// Mean end-point error in pixels, over known vectors.
    public var endPoint: Double
    /// Share of known vectors with an error above 3 pixels, 0...1.
    public var overThreePixels: Double
    /// Number of known vectors in the ground truth.
    public var knownPixels: Int

    /// - Parameter mask: pixels above 127 are ignored.
    /// - Throws: ``EvaluationError`` if the sizes differ or no vector is known.
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
