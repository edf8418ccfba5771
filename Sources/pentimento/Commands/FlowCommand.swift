import ArgumentParser
import Flow
import GstPentimento
import Imaging
import MediaIO
import Support

struct FlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow", abstract: "Estimates the optical flow between two images, or along a video.",
        discussion: """
            Writes a Middlebury .flo file with the displacement of each pixel of A to its position in B. `pentimento check` \
            computes the certainty from this flow and the reverse flow.

            If A is a video, a pattern of frames (frame_%04d.png) or a folder of images, and there is no B, the flow from each \
            frame to the next is written. The outputs are then patterns: in forward_[%d]_{%d}.flo, as `pentimento optimize` \
            reads them, [%d] is the number of the frame where the flow starts, and {%d} that of the frame to which it points; \
            in %04d.flo, %04d is the number of the frame where it starts. Numbers begin with 1. Into a folder (flow/), \
            forward_[%d]_{%d}.flo is written, for --reverse backward_[%d]_{%d}.flo, and for --draw flow_%04d.png.
            """)

    @Argument(help: "The image where the flow starts, or a video, a pattern of frames or a folder of images.")
    var a: String

    @Argument(help: "The image to which the flow points; none for a video.")
    var b: String?

    @Option(name: .shortAndLong, help: "The flow to write (.flo); of a video, a pattern or a folder.")
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
        let estimator = FlowEstimator(preset: preset.value, threads: threads.value)
        guard let b else {
            let series = try FlowSeries(
                of: a, to: output, reverse: reverse, drawings: draw, estimator: estimator, replacing: force)
            return try series.write()
        }
        let reserved = try ReservedOutputs([output, reverse, draw], replacing: force)
        let first = try Image(contentsOf: a)
        let second = try Image(contentsOf: b)
        guard first.width == second.width, first.height == second.height else {
            throw MediaError(
                "\(b): is \(second.width) x \(second.height), \(a) is \(first.width) x \(first.height); flow needs one size"
            )
        }
        let pair = estimator.estimate(from: estimator.prepare(first.luma()), to: estimator.prepare(second.luma()))
        reserved.release()
        try pair.backward.write(to: output, replacing: force)
        if let reverse { try pair.forward.write(to: reverse, replacing: force) }
        if let draw { try flowColors(pair.backward).write(to: draw, replacing: force) }
    }
}
