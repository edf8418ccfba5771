import ArgumentParser
import Evaluation
import Flow
import GstPentimento
import Imaging
import MediaIO
import NeuralNet
import Sphere
import Style
import Support

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures stylized frames: coherence, content, style, sharpness; or the seams of spheres.",
        discussion: """
            The stylized frames may come from any program. Each metric is measured if its inputs are there:

              temporal   mean squared difference (values 0 to 1) of a frame and the next one warped to it, as in the paper
              warping    the warping error of Lai et al. 2018
              content    content loss to the original frames (--frames), in the layers of both of the paper's methods
              style      style loss to a painting (--style-image), in the same layers
              ssim       structural similarity of the luma to the original frames (--frames)
              sharpness  standard deviation of the Laplacian

            The motion is given (--flow, --sintel) or estimated from the original frames (--frames).

            With --sphere the gradient error of stylized spherical images is measured (equation 23 of the paper): the ratio of \
            the gradient along the cube's edges, and along the inner edges of the overlaps, to that of the whole image. 1 means \
            no visible seam. Joining blends faces that do not agree, which hides their seams from this measure: --faces measures \
            them before.
            """)

    @Flag(help: "Measure the seams of stylized spherical images.")
    var sphere = false

    @Option(
        parsing: .unconditional, help: "With --sphere: size of a stylized face in pixels; 0: from the image's width.")
    var face = 0

    @Option(parsing: .unconditional, help: "With --sphere: overlap of the faces in pixels on each side.")
    var overlap = 64

    @Flag(help: "With --sphere: the pictures are columns of six faces with their overlaps, not yet joined.")
    var faces = false

    @Option(
        help: """
            With --sphere: layout of the images: auto, \(SphereLayout.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var layout = "auto"

    @Option(help: "Folder or video of the original frames.")
    var frames: String?

    @Option(
        help:
            "Folder or video of the stylized frames; with --sintel it has a subfolder for each scene; with --sphere also a single image."
    )
    var stylized: String

    @Option(help: "Folder or video of other stylized frames: each number is also given as a share of theirs.")
    var baseline: String?

    @Option(help: "Folder of the optical flow from each frame to the next (.flo).")
    var flow: String?

    @Option(help: "Folder of masks, white where a frame's pixel is not visible in the next frame.")
    var occlusions: String?

    @Option(help: "Folder of the flow back to each frame from the next (.flo), to find hidden pixels.")
    var reverseFlow: String?

    @Option(help: "Folder of the MPI Sintel training data, with flow and occlusions.")
    var sintel: String?

    @Option(help: "Sintel render pass: clean or final.")
    var pass = "clean"

    @OptionGroup var choice: EvaluationOptions

    @Option(OpticalFlow.preset, default: .medium) var preset

    @Option(help: "Write the report as JSON to this file; -: to standard output, in place of the table.")
    var json: String?

    @Option(help: "Write the values of each frame to this file (.csv).")
    var csv: String?

    @Option(help: "Write the table to this file, in Markdown.")
    var markdown: String?

    @Option(help: "Draw the values over time to this file (.svg).")
    var plot: String?

    @Flag(help: "Replace reports that exist.")
    var force = false

    func validate() throws {
        if sphere {
            try validateSphere()
            return
        }
        guard !faces else { throw ValidationError("--faces goes with --sphere") }
        if sintel != nil {
            guard frames == nil, flow == nil, occlusions == nil else {
                throw ValidationError("--sintel brings its own frames, flow and occlusions")
            }
        } else {
            guard frames != nil || flow != nil || choice.styleImage != nil || choice.metrics != nil else {
                throw ValidationError("say --frames to estimate the motion from, --flow, --sintel, or --style-image")
            }
            guard occlusions == nil || flow != nil else { throw ValidationError("--occlusions go with --flow") }
        }
        guard reverseFlow == nil || flow != nil else { throw ValidationError("--reverse-flow goes with --flow") }
    }

    private func validateSphere() throws {
        guard frames == nil, flow == nil, occlusions == nil, sintel == nil, baseline == nil, choice.isDefault,
            csv == nil, markdown == nil, plot == nil
        else {
            throw ValidationError(
                "--sphere measures pictures one by one: it goes without frames, flow, --sintel, a baseline and metrics")
        }
        guard layout == "auto" || SphereLayout(rawValue: layout) != nil else {
            throw ValidationError("there is no layout \(layout)")
        }
        guard !faces || (layout == "auto" && face == 0) else {
            throw ValidationError("--faces goes without --layout and --face: the picture and the overlap tell the size")
        }
        guard face >= 0, overlap >= 0 else { throw ValidationError("--face and --overlap are not below 0") }
    }

    func run() throws {
        startGStreamer()
        let reserved = try ReservedOutputs([json == "-" ? nil : json, csv, markdown, plot], replacing: force)
        if sphere {
            let measured = try SphereMeasure(
                of: stylized, layout: SphereLayout(rawValue: layout), face: face, overlap: overlap,
                areFaces: faces)
            reserved.release()
            try finish(json: jsonText(measured), summary: measured.text)
            return
        }
        let report = try measuredReport()
        reserved.release()
        for note in report.notes { Terminal.write(note, to: .error) }
        try finish(json: report.json(), summary: report.text)
        for (path, text) in [(csv, report.csv), (markdown, report.markdown), (plot, report.plot)] {
            if let path { try WholeFile.write(Array(text.utf8), to: path, replacing: force) }
        }
    }

    private func finish(json text: String, summary: String) throws {
        if let json, json != "-" { try WholeFile.write(Array((text + "\n").utf8), to: json, replacing: force) }
        Terminal.write(json == "-" ? text : summary, to: .output)
    }

    // MARK: Sequences

    private func measuredReport() throws -> EvaluationReport {
        var notes: [String] = []
        let inputs = MetricChoice.Inputs(
            hasMotion: frames != nil || flow != nil || sintel != nil, hasFrames: frames != nil || sintel != nil,
            hasPainting: choice.styleImage != nil, noLossNetwork: choice.noLossNetwork)
        let metrics = try MetricChoice(choice.requested, inputs: inputs)
        if let note = metrics.note { notes.append(note) }
        var measurement = try choice.measurement(of: metrics.metrics)
        measurement.preset = preset.value
        if measurement.earlier.count > 1, flow != nil, frames == nil {
            measurement.earlier = [.before(1)]
            notes.append("not measured: \(choice.interval) frames apart (needs --frames to estimate the motion from)")
        }
        measurement.estimatesMotion = measurement.earlier.count > 1 || (flow == nil && sintel == nil)
        if flow != nil, occlusions == nil, reverseFlow == nil, inputs.hasMotion {
            notes.append("hidden pixels are counted: there are neither --occlusions nor --reverse-flow")
        }
        let scenes =
            try sintel.map {
                try SintelEvaluation.scenes(
                    in: $0, pass: pass, stylized: stylized, baseline: baseline, note: { notes.append($0) })
            } ?? [evaluation]
        let measured = try scenes.map { try $0.measured(by: measurement) { notes.append($0) } }
        let skipped = measured.reduce(into: [EarlierFrame: Int]()) {
            $0.merge($1.measures.skipped, uniquingKeysWith: +)
        }
        for (earlier, count) in skipped.sorted(by: { $0.key < $1.key }) {
            let errors: [(SequenceMeasurement.Metric, Measure)] = [
                (.temporal, .temporal(earlier)), (.warping, .warping(earlier)),
            ]
            let titles = errors.filter { measurement.metrics.contains($0.0) }.map { $0.1.title }
            notes.append(
                "\(count) \(count == 1 ? "pair" : "pairs") without a known motion left out of \(titles.joined(separator: " and "))"
            )
        }
        if measured.allSatisfy({ $0.measures.frames.count == 1 }), measurement.metrics.contains(.temporal) {
            notes.append("not measured: temporal and warping error (need two frames or more)")
        }
        return EvaluationReport(scenes: measured, notes: notes)
    }

    /// The sequence of folders or videos.
    private var evaluation: SequenceEvaluation {
        var evaluation = SequenceEvaluation(name: stylized, stylized: stylized, baseline: baseline)
        evaluation.frames = frames
        if let flow {
            evaluation.motion = { [reverseFlow, occlusions] frames in
                let given = try GivenMotion(
                    flow: flow, reverse: reverseFlow, occlusions: occlusions, frames: frames.pictures)
                return given.motion
            }
        }
        return evaluation
    }
}
