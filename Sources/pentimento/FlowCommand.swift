import ArgumentParser
import Flow
import Imaging
import MediaIO
import Support

struct FlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow", abstract: "Estimates the optical flow from one picture to another.",
        discussion: """
            The flow says where each pixel of A is found in B, as a Middlebury .flo file. `pentimento check` tells from it and \
            the reverse flow which pixels to trust.
            """)

    @Argument(help: "The picture where the flow starts.")
    var a: String

    @Argument(help: "The picture where it points.")
    var b: String

    @Option(name: .shortAndLong, help: "Where to write the flow (.flo).")
    var output: String

    @Option(help: "Where to write the flow from B to A (.flo), which comes along.")
    var reverse: String?

    @Option(help: "Where to draw the flow by Middlebury's colour wheel (.png).")
    var draw: String?

    @Option(help: "\(FlowPreset.allCases.map(\.rawValue).joined(separator: ", ")).")
    var preset = FlowPreset.fast

    @Option(help: "Threads to use; 0: one a processor.")
    var threads = 0

    @Flag(help: "Replace outputs that exist.")
    var force = false

    func validate() throws {
        guard (0...1024).contains(threads) else { throw ValidationError("--threads is 0 to 1024, not \(threads)") }
    }

    func run() throws {
        startGStreamer()
        // Reserved before the work, so that a bad place is noticed at once.
        let reserved = try [output, reverse, draw].compactMap { $0 }.map { try WholeFile($0, replacing: force) }
        let first = try Image(contentsOf: a)
        let second = try Image(contentsOf: b)
        guard first.width == second.width, first.height == second.height else {
            throw MediaError(
                "\(b): is \(second.width) x \(second.height), \(a) is \(first.width) x \(first.height); flow needs one size"
            )
        }
        let estimator = FlowEstimator(preset: preset, threads: threads)
        let pair = estimator.estimate(from: estimator.prepare(first.luma()), to: estimator.prepare(second.luma()))
        for place in reserved { place.discard() }
        try pair.backward.write(to: output)
        if let reverse { try pair.forward.write(to: reverse) }
        if let draw { try flowColors(pair.backward).write(to: draw, replacing: force) }
    }
}
