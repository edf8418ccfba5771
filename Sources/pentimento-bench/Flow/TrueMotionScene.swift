import Evaluation
import Flow
import Imaging
import MediaIO
import Style
import Support

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

    /// - Parameter size: of ``frames``; nil: that of the files.
    init(_ folder: String, size: (width: Int, height: Int)?, threads: Int) throws {
        name = folder.split(separator: "/").last.map(String.init) ?? folder
        let flows = Files.names(in: folder).filter { $0.hasPrefix("flow_") && $0.hasSuffix(".flo") }.sorted()
        let numbers = flows.map { $0.dropFirst(5).dropLast(4).split(separator: "_").map(String.init) }
        guard let start = numbers.first?.first, numbers.allSatisfy({ $0.count == 2 }),
            zip(numbers, numbers.dropFirst()).allSatisfy({ $0[1] == $1[0] })
        else { throw BenchmarkError("\(folder) has no flow_0001_0002.flo, flow_0002_0003.flo, ...") }
        let names = [start] + numbers.map { $0[1] }
        let images = try names.map { try Image(contentsOf: "\(folder)/frame_\($0).png") }
        let smaller = images.map { $0.resized(width: size?.width ?? $0.width, height: size?.height ?? $0.height) }
        frames = smaller.map { $0.networkSpace() }
        let estimator = FlowEstimator(preset: .quality, threads: threads)
        var references: [[Reference]] = [[]]
        var motions: [Motion] = []
        var known: (small: FlowPyramid, large: FlowPyramid)?
        for (index, image) in images.enumerated() {
            let current = (small: estimator.prepare(smaller[index].luma()), large: estimator.prepare(image.luma()))
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
