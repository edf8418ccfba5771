import ArgumentParser
import Flow
import GstPentimento
import Imaging
import MediaIO

struct FlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow", abstract: "Estimates the optical flow between two images.",
        discussion: """
            Writes a Middlebury .flo file with the displacement of each pixel of A to its position in B. `pentimento check` \
            computes the certainty from this flow and the reverse flow.
            """)

    @Argument(help: "The image where the flow starts.")
    var a: String

    @Argument(help: "The image to which the flow points.")
    var b: String

    @Option(name: .shortAndLong, help: "The flow to write (.flo).")
    var output: String

    @Option(help: "Also write the reverse flow, from B to A (.flo).")
    var reverse: String?

    @Option(help: "Also draw the flow with the Middlebury colour wheel (.png).")
    var draw: String?

    @Option(OpticalFlow.preset) var preset
    @Option(Stylize.threads) var threads

    @Flag(help: "Replace existing outputs.")
    var force = false

    func run() throws {
        startGStreamer()
        let reserved = try ReservedOutputs([output, reverse, draw], replacing: force)
        let first = try Image(contentsOf: a)
        let second = try Image(contentsOf: b)
        guard first.width == second.width, first.height == second.height else {
            throw MediaError(
                "\(b): is \(second.width) x \(second.height), \(a) is \(first.width) x \(first.height); flow needs one size"
            )
        }
        let estimator = FlowEstimator(preset: preset.value, threads: threads.value)
        let pair = estimator.estimate(from: estimator.prepare(first.luma()), to: estimator.prepare(second.luma()))
        reserved.release()
        try pair.backward.write(to: output, replacing: force)
        if let reverse { try pair.forward.write(to: reverse, replacing: force) }
        if let draw { try flowColors(pair.backward).write(to: draw, replacing: force) }
    }
}
