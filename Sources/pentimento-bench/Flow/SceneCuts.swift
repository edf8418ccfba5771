import Flow
import Imaging

/// Prints the scene-cut measure of each frame after the first, for `Benchmarks/scene_cuts.py`.
enum SceneCuts {
    static let usage = "PRESET FRAME.pgm FRAME.pgm ..."

    static func run(_ arguments: [String]) throws {
        guard let preset = arguments.first.flatMap({ FlowPreset(rawValue: $0) }), arguments.count > 2 else {
            throw BenchmarkError("usage: pentimento-bench scene-cuts \(usage)")
        }
        let estimator = FlowEstimator(preset: preset)
        let detector = SceneCutDetector()
        var earlier: FlowPyramid?
        var pair: FlowPair?
        let clock = ContinuousClock()
        var (flowTime, detectorTime) = (Duration.zero, Duration.zero)
        for path in arguments.dropFirst() {
            let frame = try Plane<UInt8>(contentsOfPGM: path)
            let start = clock.now
            let current = estimator.prepare(frame)
            defer { earlier = current }
            guard let earlier else { continue }
            let flow = estimator.estimate(from: current, to: earlier, startingFrom: pair)
            let middle = clock.now
            let measure = detector.measure(from: current, to: earlier, flow: flow)
            detectorTime += clock.now - middle
            flowTime += middle - start
            pair = measure > detector.threshold ? nil : flow
            print(FlowAccuracy.rounded(Double(measure)))
        }
        print("share of the flow's time: \(FlowAccuracy.rounded(detectorTime / flowTime))")
    }
}
