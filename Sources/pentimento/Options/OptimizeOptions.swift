import ArgumentParser
import Flow
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

extension Pooling: ExpressibleByArgument {}
extension StyleNormalization: ExpressibleByArgument {}
extension StyleStatistic: ExpressibleByArgument {}
extension OptimizationSettings.TemporalPenalty: ExpressibleByArgument {}
extension OptimizationSettings.Method: ExpressibleByArgument {}

/// Options for the properties of `styleoptimize`, with the same names.
struct OptimizeOptions: ParsableArguments {
    private static let defaults = OptimizationSettings()

    @Option(name: .customLong("style-image"), help: "A style image, PATH or PATH:WEIGHT; may be repeated.")
    var styleImages: [StyleImageOption] = []

    @Option(help: "Loss network: vgg16, vgg19 or a path.")
    var lossNetwork = "vgg16"

    @Option(name: .customLong("init"), help: "Initialisation of the first and of the following frames: \(startNames).")
    var start = "random,previous-warped"

    @Option(help: "Model for --init network: a name or a path.")
    var style = "scream"

    @Option(help: "Maximum iterations of the first frame and of each following frame.")
    var iterations = "2000,1000"

    @Option(help: "A frame is finished when its loss changes by less than this fraction in --tolerance-window.")
    var tolerance = defaults.tolerance

    @Option(help: "Number of iterations over which --tolerance compares the loss.")
    var toleranceWindow = defaults.toleranceWindow

    @Option(help: "Weight of the content loss (alpha in the paper).")
    var contentWeight = defaults.contentWeight

    @Option(help: "Weight of the style loss (beta in the paper).")
    var styleWeight = defaults.styleWeight

    @Option(help: "Weight of the temporal loss (gamma in the paper).")
    var temporalWeight = defaults.temporalWeight

    @Option(name: .customLong("tv-weight"), help: "Weight of the total variation loss, which smooths the image.")
    var totalVariationWeight = defaults.totalVariationWeight

    @Option(help: "Loss network layers of the content loss.")
    var contentLayers = defaults.contentLayers.map(\.description).joined(separator: ",")

    @Option(help: "Loss network layers of the style loss (Gram matrices).")
    var styleLayers = defaults.styleLayers.map(\.description).joined(separator: ",")

    @Option(help: "Pooling between the loss network's blocks: max, or average (smoother).")
    var pooling = defaults.pooling

    @Option(help: "Size of the style images relative to the frames: above 1 gives larger strokes.")
    var styleScale = defaults.styleScale

    @Option(help: "Fraction to crop from each side of the style images, to remove picture frames, 0 to 0.4.")
    var styleCrop = defaults.styleCrop

    @Option(help: "Penalty on differences to earlier frames: squared, or absolute (paper A.4).")
    var temporalLoss = defaults.temporalPenalty

    @Option(help: "Optimisation method: lbfgs, or adam (less memory).")
    var optimizer = defaults.method

    @Option(help: "Passes over each whole shot, alternately forward and backward; 1: frame by frame.")
    var passes = defaults.passes

    @Option(help: "Iterations per frame in each pass, with several passes.")
    var passIterations = defaults.passIterations

    @Option(help: "Share of the warped neighbour in the initialisation in each pass (delta in the paper), 0 to 1.")
    var blend = defaults.blend

    @Option(help: "First pass that uses the temporal loss, with several passes.")
    var temporalFromPass = defaults.temporalFromPass

    @Option(help: "Seed of the noise.")
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

    /// Iterations of the first and of the following frames; 0 for invalid numbers.
    var iterationCounts: [Int] {
        iterations.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    }

    /// The properties of `styleoptimize` with their values.
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

    /// Checks that all files exist, before any work starts.
    ///
    /// - Throws: an error that explains how to get a missing file.
    func checkFiles() throws {
        for painting in styleImages {
            guard try MediaInput(painting.path).kind == .still else {
                throw MediaError("\(painting.path): is a video; --style-image takes a still picture")
            }
        }
        _ = try ModelLibrary.standard.lossNetworkPath(of: lossNetwork)
        if start.contains(OptimizationSettings.Start.network.rawValue) {
            _ = try ModelLibrary.standard.file(of: style)
        }
    }
}

/// Options for the temporal coherence of `optimize`.
struct MotionOptions: ParsableArguments {
    @Option(help: "Distances to reference frames, such as 1,10,20,40: keeps areas consistent after an occlusion.")
    var longTerm: String?

    @Option(help: "Accuracy of the optical flow: \(FlowPreset.allCases.map(\.rawValue).joined(separator: ", ")).")
    var flow = FlowPreset.quality

    @Option(help: "Backward flow files, backward_[%d]_{%d}.flo: [%d] is the frame, {%d} the earlier one, from 1.")
    var flowPattern: String?

    @Option(help: "Forward flow files, forward_[%d]_{%d}.flo: [%d] is the earlier frame.")
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

    /// The distances; nil if the option is malformed.
    private var references: [Int]? {
        guard let longTerm else { return [1] }
        let parts = longTerm.split(separator: ",", omittingEmptySubsequences: false)
        let distances = parts.compactMap { Int($0.filter { $0 != " " }) }.filter((1...1000).contains)
        return distances.count == parts.count ? distances : nil
    }

    /// The elements that compute the motion. File patterns are set on the element `flow` separately.
    var elements: String {
        let distances = (references ?? [1]).map(String.init).joined(separator: ",")
        // The queue lets the next frame's flow be computed or read while a frame is optimised.
        return
            "opticalflow name=flow preset=\(flow.rawValue) references=\"\(distances)\" ! occlusioncheck min-filter=1 "
            + "! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0"
    }

    /// Checks that all flow files exist, before hours are spent on earlier frames.
    ///
    /// - Parameter frames: minimum number of frames.
    /// - Throws: `MediaError` that names the first missing file.
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
