import ArgumentParser
import Flow
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

extension Pooling: ExpressibleByArgument {}
extension StyleNormalization: ExpressibleByArgument {}
extension OptimizationSettings.TemporalPenalty: ExpressibleByArgument {}
extension OptimizationSettings.Method: ExpressibleByArgument {}

/// What frames are optimised for: the properties of `styleoptimize`, under their names.
struct OptimizeOptions: ParsableArguments {
    private static let defaults = OptimizationSettings()

    @Option(name: .customLong("style-image"), help: "A painting, with its weight after a colon if there are several.")
    var styleImages: [StyleImageOption] = []

    @Option(help: "The loss network: vgg16, vgg19 or a path.")
    var lossNetwork = "vgg16"

    @Option(name: .customLong("init"), help: "What the first frame and the next ones start from: \(startNames).")
    var start = "random,previous-warped"

    @Option(help: "The model of --init network: a name or a path.")
    var style = "scream"

    @Option(help: "Iterations, at most: of the first frame, and of each of the next.")
    var iterations = "2000,1000"

    @Option(help: "A frame is done when its loss changes by less than this part within --tolerance-window iterations.")
    var tolerance = defaults.tolerance

    @Option(help: "Iterations that --tolerance looks back over.")
    var toleranceWindow = defaults.toleranceWindow

    @Option(help: "How much the frame's content counts (alpha of the paper).")
    var contentWeight = defaults.contentWeight

    @Option(help: "How much the style counts (beta).")
    var styleWeight = defaults.styleWeight

    @Option(help: "How firmly a frame follows the earlier ones (gamma).")
    var temporalWeight = defaults.temporalWeight

    @Option(name: .customLong("tv-weight"), help: "How much smoother the picture is to be.")
    var totalVariationWeight = defaults.totalVariationWeight

    @Option(help: "Layers whose activations are to be the frame's.")
    var contentLayers = defaults.contentLayers.map(\.description).joined(separator: ",")

    @Option(help: "Layers whose Gram matrices are to be the painting's.")
    var styleLayers = defaults.styleLayers.map(\.description).joined(separator: ",")

    @Option(help: "What stands between the loss network's blocks: max, or average (smoother).")
    var pooling = defaults.pooling

    @Option(help: "Size of the paintings over that of the frames: larger strokes above 1.")
    var styleScale = defaults.styleScale

    @Option(help: "What to cut off each side of the paintings, such as a picture frame: a share of it, 0 to 0.4.")
    var styleCrop = defaults.styleCrop

    @Option(help: "How differences to earlier frames count: squared, or absolute (paper A.4).")
    var temporalLoss = defaults.temporalPenalty

    @Option(help: "lbfgs, or adam (less memory).")
    var optimizer = defaults.method

    @Option(help: "Passes over each whole shot, forward and backward in turn; 1: frame after frame.")
    var passes = defaults.passes

    @Option(help: "Iterations of each frame in each of several passes.")
    var passIterations = defaults.passIterations

    @Option(help: "How much of its neighbour a frame of a pass starts from (delta of the paper), 0 to 1.")
    var blend = defaults.blend

    @Option(help: "The first of several passes with a temporal loss.")
    var temporalFromPass = defaults.temporalFromPass

    @Option(help: "What the noise is drawn from.")
    var seed = 0

    private static let startNames = OptimizationSettings.Start.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        guard !styleImages.isEmpty || styleWeight == 0 else {
            throw ValidationError("--style-image names the painting, such as --style-image painting.jpg")
        }
        for (name, weight) in [
            ("--content-weight", contentWeight), ("--style-weight", styleWeight),
            ("--temporal-weight", temporalWeight), ("--tv-weight", totalVariationWeight),
        ] {
            guard (0...1e9).contains(weight) else { throw ValidationError("\(name) is 0 or more, not \(weight)") }
        }
        let starts = start.split(separator: ",", omittingEmptySubsequences: false).map {
            OptimizationSettings.Start(rawValue: String($0))
        }
        guard (1...2).contains(starts.count), !starts.contains(nil) else {
            throw ValidationError("--init is one or two of \(Self.startNames), not \"\(start)\"")
        }
        let counts = iterationCounts
        guard (1...2).contains(counts.count), counts.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw ValidationError("--iterations is one or two whole numbers above 0, not \"\(iterations)\"")
        }
        for layers in [contentLayers, styleLayers] {
            do { _ = try LossLayer.list(layers) } catch { throw ValidationError("\(error)") }
        }
        guard (0...1).contains(tolerance) else { throw ValidationError("--tolerance is 0 to 1, not \(tolerance)") }
        guard (0.05...10).contains(styleScale) else {
            throw ValidationError("--style-scale is 0.05 to 10, not \(styleScale)")
        }
        guard (0...0.4).contains(styleCrop) else {
            throw ValidationError("--style-crop is 0 to 0.4, not \(styleCrop)")
        }
        guard (0...1).contains(blend) else { throw ValidationError("--blend is 0 to 1, not \(blend)") }
        for (name, value, largest) in [
            ("--tolerance-window", toleranceWindow, 1_000_000), ("--passes", passes, 1000),
            ("--pass-iterations", passIterations, 1_000_000), ("--temporal-from-pass", temporalFromPass, 1000),
        ] {
            guard (1...largest).contains(value) else {
                throw ValidationError("\(name) is 1 to \(largest), not \(value)")
            }
        }
        guard (0...Int(Int32.max)).contains(seed) else {
            throw ValidationError("--seed is 0 to \(Int32.max), not \(seed)")
        }
    }

    /// Of the first frame and of the others; what is no number is 0.
    var iterationCounts: [Int] {
        iterations.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    }

    /// Properties of `styleoptimize` and their values.
    var properties: [(name: String, value: String)] {
        [
            ("style-images", styleImages.map(\.listed).joined(separator: ",")),
            ("style-blend", styleImages.map { "\($0.weight)" }.joined(separator: ",")), ("loss-network", lossNetwork),
            ("init", start), ("model", style), ("iterations", iterations), ("tolerance", "\(tolerance)"),
            ("tolerance-window", "\(toleranceWindow)"), ("content-weight", "\(contentWeight)"),
            ("style-weight", "\(styleWeight)"), ("temporal-weight", "\(temporalWeight)"),
            ("tv-weight", "\(totalVariationWeight)"), ("content-layers", contentLayers), ("style-layers", styleLayers),
            ("pooling", pooling.rawValue), ("style-scale", "\(styleScale)"),
            ("style-crop", "\(styleCrop)"), ("temporal-loss", temporalLoss.rawValue),
            ("optimizer", optimizer.rawValue), ("passes", "\(passes)"), ("pass-iterations", "\(passIterations)"),
            ("blend", "\(blend)"), ("temporal-from-pass", "\(temporalFromPass)"), ("seed", "\(seed)"),
        ]
    }

    /// Finds files before any work begins.
    ///
    /// - Throws: an error that says how to get what is missing.
    func checkFiles() throws {
        for painting in styleImages {
            guard try MediaInput(painting.path).kind == .still else {
                throw MediaError("\(painting.path): is a video; --style-image takes a still picture")
            }
        }
        _ = try ModelLibrary.standard.lossNetworkPath(of: lossNetwork)
        if start.contains(OptimizationSettings.Start.network.rawValue) {
            _ = try ModelLibrary.standard.path(of: style)
        }
    }
}

/// How a frame is tied to earlier ones.
struct MotionOptions: ParsableArguments {
    @Option(help: "Frames back that a frame is tied to, such as 1,10,20,40: what was hidden comes back as it looked.")
    var longTerm: String?

    @Option(help: "How carefully motion is estimated: \(FlowPreset.allCases.map(\.rawValue).joined(separator: ", ")).")
    var flow = FlowPreset.quality

    @Option(help: "Flow files instead: backward_[%d]_{%d}.flo, from frame [ ] to the earlier { }, counted from 1.")
    var flowPattern: String?

    @Option(help: "The flow the other way round: forward_[%d]_{%d}.flo.")
    var reverseFlowPattern: String?

    func validate() throws {
        guard let references else {
            throw ValidationError(
                "--long-term is frames back, whole numbers from 1 to 1000 such as 1,10,20,40, not \"\(longTerm ?? "")\""
            )
        }
        guard references.count <= 32 else { throw ValidationError("--long-term names at most 32 frames") }
        guard (flowPattern == nil) == (reverseFlowPattern == nil) else {
            throw ValidationError("--flow-pattern and --reverse-flow-pattern belong together: flow goes both ways")
        }
        for pattern in [flowPattern, reverseFlowPattern] {
            guard let pattern else { continue }
            do { _ = try FlowFilePattern(pattern) } catch { throw ValidationError("\(error)") }
        }
    }

    /// nil: not what it can be.
    private var references: [Int]? {
        guard let longTerm else { return [1] }
        let parts = longTerm.split(separator: ",", omittingEmptySubsequences: false)
        let distances = parts.compactMap { Int($0.filter { $0 != " " }) }.filter((1...1000).contains)
        return distances.count == parts.count ? distances : nil
    }

    /// Elements that tell a frame's motion. Their patterns still have to be set on `flow`.
    var elements: String {
        let distances = (references ?? [1]).map(String.init).joined(separator: ",")
        // The queue lets the next frame's motion be found, or found missing, while a frame is painted.
        return
            "opticalflow name=flow preset=\(flow.rawValue) references=\"\(distances)\" ! occlusioncheck min-filter=1 "
            + "! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0"
    }

    /// Looks whether flow files are there before hours are spent on the frames before them.
    ///
    /// - Parameter frames: how many frames there are at least, from the first on.
    /// - Throws: an error that names the first that is missing.
    func checkFlowFiles(frames: Int) throws {
        guard frames > 1, let backward = try flowPattern.map({ try FlowFilePattern($0) }),
            let forward = try reverseFlowPattern.map({ try FlowFilePattern($0) })
        else { return }
        for frame in 2...frames {
            for earlier in (references ?? [1]).map({ frame - $0 }) where earlier >= 1 {
                for path in [backward.path(from: frame, to: earlier), forward.path(from: earlier, to: frame)]
                where !Files.exists(path) {
                    throw MediaError(
                        "\(path): no such file; the flow between frames \(frame) and \(earlier) belongs there, counted from 1"
                    )
                }
            }
        }
    }
}
