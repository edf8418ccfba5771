import Evaluation
import Flow
import Imaging
import MediaIO
import Style
import Support

/// The paper's tables 2 and 4 on frames with ground-truth flow: the temporal error with each component of the method.
///
/// All variants share the result of the first frame and have the same fixed number of iterations for the other frames.
/// The optimisation uses estimated flow and certainty; the error is measured with ground-truth flow.
enum CoherenceAblation {
    static let usage =
        "[--iterations 250,125] [--ways random,previous,warped,penalty] [--write FOLDER] \(OptimizationCase.usage) SCENE ..."

    private enum Way: String, CaseIterable {
        case random, previous, warped, penalty

        var name: String {
            switch self {
            case .random: "random start"
            case .previous: "previous result"
            case .warped: "previous result, warped"
            case .penalty: "the same, with temporal loss"
            }
        }

        func apply(to settings: inout OptimizationSettings) {
            settings.nextStart = self == .random ? .random : self == .previous ? .previous : .previousWarped
            if self != .penalty { settings.temporalWeight = 0 }
        }
    }

    static func run(_ arguments: [String]) throws {
        let setting = try OptimizationCase(arguments, defaultSize: "512x218")
        let budgets = (setting.options["iterations"] ?? "250,125").split(separator: ",").compactMap { Int($0) }
        guard budgets.count == 2, !setting.paths.isEmpty else { throw BenchmarkError("usage: coherence \(usage)") }
        let wanted = setting.options["ways"]?.split(separator: ",").map(String.init)
        let ways = Way.allCases.filter { wanted?.contains($0.rawValue) ?? true }
        let style = try setting.style()
        for path in setting.paths {
            let scene = try TrueMotionScene(path, setting)
            var first: Image?
            var worst: Double?
            for way in ways {
                var settings = OptimizationSettings()
                settings.firstIterations = budgets[0]
                settings.nextIterations = budgets[1]
                settings.tolerance = 0
                settings.threads = setting.threads
                settings.styleCrop = 0
                way.apply(to: &settings)
                let optimizer = try ClipOptimizer(settings: settings, network: setting.network, styles: [style])
                var results: [Image] = []
                var energy = ""
                for (index, frame) in scene.frames.enumerated() {
                    if index == 0, let first {
                        optimizer.adopt(first, for: frame)
                        results.append(first)
                    } else {
                        results.append(try optimizer.next(frame, references: scene.references[index]))
                        if let terms = optimizer.lastFrame?.terms {
                            energy =
                                "content \(FlowAccuracy.rounded(terms.content)) style \(FlowAccuracy.rounded(terms.style))"
                        }
                    }
                }
                first = results[0]
                let report = try TemporalReport(
                    count: results.count, direction: .forward, stylized: { results[$0].pictureSpace() },
                    motion: { scene.motions[$0] })
                let error = report.mean.overConsistentPixels
                let most = worst ?? error
                worst = most
                print(
                    "\(scene.name) | \(way.name) | \(scientific(error)) | \(FlowAccuracy.rounded(most / error)) | "
                        + "\(scientific(report.mean.overAllPixels)) | \(energy)")
                flush()
                guard let folder = setting.options["write"] else { continue }
                for (index, result) in results.enumerated() {
                    try result.pictureSpace().write(
                        to: "\(folder)/\(scene.name)_\(way.rawValue)_\(index + 1).png", replacing: true)
                }
            }
        }
    }

    /// In units of 1e-3.
    private static func scientific(_ value: Double) -> String { FlowAccuracy.rounded(value * 1000) + "e-3" }
}

/// Frames `frame_0001.png` with ground-truth flow `flow_0001_0002.flo` and masks of pixels that are hidden in the next
/// frame, `occlusions_0001.png`. Without masks, occlusions are found from the ground-truth flow and the estimated
/// reverse flow.
struct TrueMotionScene {
    let name: String
    /// In network space, at the requested size.
    let frames: [Image]
    /// Estimated flow of each frame to the previous one.
    let references: [[Reference]]
    /// Ground-truth motion from each frame to the next, at the files' size.
    let motions: [Motion]

    init(_ folder: String, _ setting: OptimizationCase) throws {
        name = folder.split(separator: "/").last.map(String.init) ?? folder
        let flows = Files.names(in: folder).filter { $0.hasPrefix("flow_") && $0.hasSuffix(".flo") }.sorted()
        let numbers = flows.map { $0.dropFirst(5).dropLast(4).split(separator: "_").map(String.init) }
        guard let start = numbers.first?.first, numbers.allSatisfy({ $0.count == 2 }),
            zip(numbers, numbers.dropFirst()).allSatisfy({ $0[1] == $1[0] })
        else { throw BenchmarkError("\(folder) has no flow_0001_0002.flo, flow_0002_0003.flo, ...") }
        let names = [start] + numbers.map { $0[1] }
        let images = try names.map { try Image(contentsOf: "\(folder)/frame_\($0).png") }
        frames = images.map { $0.resized(width: setting.width, height: setting.height).networkSpace() }
        let estimator = FlowEstimator(preset: .quality, threads: setting.threads)
        var references: [[Reference]] = [[]]
        var motions: [Motion] = []
        var known: (small: FlowPyramid, large: FlowPyramid)?
        for (index, image) in images.enumerated() {
            let small = image.resized(width: setting.width, height: setting.height)
            let current = (small: estimator.prepare(small.luma()), large: estimator.prepare(image.luma()))
            defer { known = current }
            guard let earlier = known else { continue }
            let pair = estimator.estimate(from: current.small, to: earlier.small)
            let certainty = ConsistencyCheck().certainty(of: pair.backward, reverse: pair.forward)
            references.append([Reference(distance: 1, flow: pair.backward, certainty: certainty)])
            let truth = try FlowField(contentsOf: "\(folder)/\(flows[index - 1])")
            let masks = ["occlusions", "invalid"].map { "\(folder)/\($0)_\(names[index - 1]).png" }
            if Files.exists(masks[0]) {
                motions.append(try Motion(flow: truth, masks: masks.filter(Files.exists).map(Self.mask)))
            } else {
                let reverse = estimator.estimate(from: current.large, to: earlier.large).backward
                let check = ConsistencyCheck(motionBoundaries: false)
                motions.append(Motion(flow: truth, reverse: reverse, check: check))
            }
        }
        self.references = references
        self.motions = motions
    }

    private static func mask(_ path: String) throws -> Plane<UInt8> { try Image(contentsOf: path).luma() }
}
