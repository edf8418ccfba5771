import Evaluation
import Imaging
import NeuralNet

/// Whether a still scene stays still: a photograph for 300 frames, each with the previous output as prior, zero flow
/// and certainty 1. The mean absolute difference of the last frame from the first, of 255, over all pictures.
struct StillMeasure: StyleMeasure {
    private static let frameCount = 300

    private let frames: [Image]

    init(_ input: ReportInput) throws { frames = try input.pictures().map { $0.networkSpace() } }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        guard style.takesPrior else { return Reading.perFrame }
        let network = try style.network(width: frames[0].width, height: frames[0].height)
        let certainty = Plane<Float>(width: network.width, height: network.height, repeating: 1)
        let differences = try frames.map { frame in
            let first = try network.run(frame: frame)
            var last = first
            for _ in 1..<Self.frameCount { last = try network.run(frame: frame, prior: last, certainty: certainty) }
            return meanAbsoluteDifference(of: last.shown, from: first.shown)
        }
        return [Reading("difference after \(Self.frameCount) frames", differences.mean)]
    }
}
