import Flow
import Imaging
import MediaIO
import TestSupport
import Testing

/// End-point errors on real pairs with ground truth, compared with OpenCV 5.0's DISOpticalFlow with the same presets,
/// over all pixels with known flow. `Benchmarks/flow_accuracy.py` regenerates the table.
@Suite struct FlowTruthTests {
    struct Pair: Sendable, CustomTestStringConvertible {
        let frames: (String, String)
        let flow: String
        /// OpenCV's errors: ultrafast, fast, medium.
        let peers: [Double]

        init(_ first: String, _ second: String, _ flow: String, _ peers: [Double]) {
            (frames, self.flow, self.peers) = ((first, second), flow, peers)
        }

        var testDescription: String { flow }
    }

    static let pairs =
        [
            ("Grove2", [0.494, 0.399, 0.319]), ("RubberWhale", [0.537, 0.440, 0.225]),
            ("Urban2", [1.219, 0.990, 0.645]),
        ]
        .map {
            Pair(
                "middlebury/\($0.0)/frame10.png", "middlebury/\($0.0)/frame11.png", "middlebury/\($0.0)/flow10.flo",
                $0.1)
        }
        + [(1, [0.596, 0.461, 0.298]), (2, [0.664, 0.539, 0.341]), (3, [0.676, 0.522, 0.347])].map {
            Pair(
                "sintel/alley_1/frame_000\($0.0).png", "sintel/alley_1/frame_000\($0.0 + 1).png",
                "sintel/alley_1/flow_000\($0.0)_000\($0.0 + 1).flo", $0.1)
        }
        + [
            Pair(
                "sintel/cave_2/frame_0002.png", "sintel/cave_2/frame_0003.png", "sintel/cave_2/flow_0002_0003.flo",
                [2.346, 2.099, 1.643])
        ]
        + [(0, [2.231, 2.005, 1.755]), (4, [3.173, 2.809, 2.674])].map {
            Pair(
                "chairs/chairs_\($0.0)img0.ppm", "chairs/chairs_\($0.0)img1.ppm", "chairs/chairs_\($0.0)flow.flo", $0.1)
        }

    @Test(arguments: pairs) func isAsGoodAsOpenCV(pair: Pair) throws {
        let first = try TestData.real("data/\(pair.frames.0)")
        let second = try TestData.real("data/\(pair.frames.1)")
        let file = try TestData.real("data/\(pair.flow)")
        let truth = try FlowField(contentsOf: file)
        let frames = try (luma(of: Image(contentsOf: first)), luma(of: Image(contentsOf: second)))
        var errors: [Double] = []
        for preset in FlowPreset.allCases {
            let estimator = FlowEstimator(preset: preset)
            let (earlier, current) = (estimator.prepare(frames.0), estimator.prepare(frames.1))
            let flow = estimator.estimate(from: current, to: earlier)
            errors.append(error(flow.forward, truth))
            guard preset != .quality else { continue }
            // A prediction that is wrong everywhere changes next to nothing.
            let wrong = FlowPair(backward: flow.forward, forward: flow.backward)
            let misled = estimator.estimate(from: current, to: earlier, startingFrom: wrong)
            #expect(error(misled.forward, truth) < 1.02 * errors[errors.count - 1])
        }
        for (ours, theirs) in zip(errors, pair.peers) { #expect(ours < 1.05 * theirs, "\(errors)") }
        #expect(errors[3] < errors[2], "\(errors)")
    }

    /// Luma by BT.601, rounded.
    private func luma(of image: Image) -> Plane<UInt8> {
        let count = image.pixelCount
        return Plane(
            width: image.width, height: image.height,
            values: (0..<count).map {
                let (r, g, b) = (image.samples[$0], image.samples[count + $0], image.samples[2 * count + $0])
                return UInt8(0.299 * r + 0.587 * g + 0.114 * b + 0.5)
            })
    }

    private func error(_ flow: FlowField, _ truth: FlowField) -> Double {
        var (sum, count) = (0.0, 0)
        for index in flow.u.indices where abs(truth.u[index]) < 1e9 && abs(truth.v[index]) < 1e9 {
            let (du, dv) = (Double(flow.u[index] - truth.u[index]), Double(flow.v[index] - truth.v[index]))
            sum += (du * du + dv * dv).squareRoot()
            count += 1
        }
        return sum / Double(count)
    }
}
