import ArgumentParser
import Evaluation
import Flow
import GstPentimento
import Imaging
import MediaIO
import Sphere
import Support

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures the temporal error of a stylized sequence, or the seams of stylized spheres.",
        discussion: """
            The temporal error is the mean squared difference (values 0 to 1) between a stylized frame and the next one \
            warped to it. It is computed over the consistent pixels only, as in the paper, and over all values with the \
            inconsistent ones counted as zero, as in the authors' program. The motion is given (--flow, --occlusions, --sintel) \
            or estimated from the original frames (--frames).

            With --sphere the gradient error of stylized spherical images is measured (equation 23 of the paper): the ratio of \
            the gradient along the cube's edges, and along the inner edges of the overlaps, to that of the whole image. 1 means \
            no visible seam.
            """)

    @Flag(help: "Measure the seams of stylized spherical images.")
    var sphere = false

    @Option(
        parsing: .unconditional, help: "With --sphere: size of a stylized face in pixels; 0: from the image's width.")
    var face = 0

    @Option(parsing: .unconditional, help: "With --sphere: overlap of the faces in pixels on each side.")
    var overlap = 64

    @Option(
        help: """
            With --sphere: layout of the images: auto, \(SphereLayout.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var layout = "auto"

    @Option(help: "Folder of the original frames.")
    var frames: String?

    @Option(
        help:
            "Folder of the stylized frames; with --sintel it has a subfolder for each scene; with --sphere also a single image."
    )
    var stylized: String

    @Option(help: "Folder of the optical flow from each frame to the next (.flo).")
    var flow: String?

    @Option(help: "Folder of masks, white where a frame's pixel is not visible in the next frame.")
    var occlusions: String?

    @Option(help: "Folder of the MPI Sintel training data, with flow and occlusions.")
    var sintel: String?

    @Option(help: "Sintel render pass: clean or final.")
    var pass = "clean"

    @Option(OpticalFlow.preset, default: .medium) var preset

    @Option(help: "Write the report as JSON to this file; -: to standard output, in place of the table.")
    var json: String?

    @Flag(help: "Replace the report if it exists.")
    var force = false

    func validate() throws {
        if sphere {
            guard frames == nil, flow == nil, occlusions == nil, sintel == nil else {
                throw ValidationError(
                    "--sphere measures pictures one by one: it goes without frames, flow and --sintel")
            }
            guard layout == "auto" || SphereLayout(rawValue: layout) != nil else {
                throw ValidationError("there is no layout \(layout)")
            }
            guard face >= 0, overlap >= 0 else { throw ValidationError("--face and --overlap are not below 0") }
        } else if sintel != nil {
            guard frames == nil, flow == nil, occlusions == nil else {
                throw ValidationError("--sintel brings its own frames, flow and occlusions")
            }
        } else {
            guard frames != nil || flow != nil else {
                throw ValidationError("say --frames to estimate the motion from, --flow, or --sintel")
            }
            guard occlusions == nil || flow != nil else { throw ValidationError("--occlusions go with --flow") }
        }
    }

    func run() throws {
        startGStreamer()
        let reserved = try ReservedOutputs([json == "-" ? nil : json], replacing: force)
        let (text, summary) = try sphere ? measureSpheres() : measureSequences()
        reserved.release()
        if let json, json != "-" { try WholeFile.write(Array((text + "\n").utf8), to: json, replacing: force) }
        Terminal.write(json == "-" ? text : summary, to: .output)
    }

    private func measureSpheres() throws -> (json: String, summary: String) {
        let measured = try SphereMeasure(
            of: stylized, layout: SphereLayout(rawValue: layout), face: face, overlap: overlap)
        return (try jsonText(measured), measured.text)
    }

    private func measureSequences() throws -> (json: String, summary: String) {
        let scenes = try sintel.map(measureSintel) ?? [Scene(name: stylized, report: measureFolders())]
        let rows = scenes.map { scene in
            let mean = scene.report.mean
            return [
                scene.name, decimal(mean.overConsistentPixels, 6), decimal(mean.overAllPixels, 6),
                decimal(mean.consistentPart * 100, 1) + " %", "\(scene.report.pairs.count)",
            ]
        }
        return (
            try jsonText(Report(scenes: scenes)),
            table([["temporal error", "consistent pixels", "all values", "consistent", "pairs"]] + rows)
        )
    }

    struct Scene: Encodable {
        let name: String
        let report: TemporalReport
    }

    struct Report: Encodable {
        let scenes: [Scene]
    }

    // MARK: Sources of motion

    private func measureFolders() throws -> TemporalReport {
        let painted = try images(in: stylized)
        if let flow {
            let flows = try files(in: flow, endings: [".flo"])
            let masks = try occlusions.map { try files(in: $0, endings: [".png", ".pgm"]) }
            for (list, folder) in [(flows, flow), (masks ?? flows, occlusions ?? flow)]
            where list.count < painted.count - 1 {
                throw MediaError(
                    "\(folder): has \(list.count) files for \(painted.count) frames; one for each but the last is needed"
                )
            }
            return try report(painted) { index in
                try Motion(flow: FlowField(contentsOf: flows[index]), masks: masks.map { [try mask($0[index])] } ?? [])
            }
        }
        let originals = try images(in: frames ?? stylized)
        guard originals.count == painted.count else {
            throw MediaError(
                "\(stylized): has \(painted.count) pictures, \(frames ?? "") has \(originals.count); they must agree")
        }
        var estimator = MotionEstimator(preset: preset.value)
        return try report(painted) { index in
            if index == 0 { _ = try estimator.motion(to: Image(contentsOf: originals[0])) }
            return try estimator.motion(to: Image(contentsOf: originals[index + 1]))
        }
    }

    private func measureSintel(_ folder: String) throws -> [Scene] {
        let scenes = try SintelScene.scenes(in: folder, pass: pass)
        let measured = try scenes.compactMap { scene -> Scene? in
            guard let painted = try? images(in: "\(stylized)/\(scene.name)") else { return nil }
            guard painted.count == scene.frames.count else {
                throw MediaError(
                    "\(stylized)/\(scene.name): has \(painted.count) pictures, the scene \(scene.frames.count) frames; they must agree"
                )
            }
            return Scene(name: scene.name, report: try report(painted) { try scene.motion(from: $0, mask: mask) })
        }
        guard !measured.isEmpty else {
            throw MediaError("\(stylized): has no folder for any of \(scenes.map(\.name).joined(separator: ", "))")
        }
        return measured
    }

    private func report(_ painted: [String], motion: (Int) throws -> Motion?) throws -> TemporalReport {
        var bar = ProgressBar(total: painted.count)
        defer { bar.clear() }
        return try Interrupt.guarding {
            try TemporalReport(
                count: painted.count, direction: .forward, stylized: { try Image(contentsOf: painted[$0]) },
                motion: motion,
                progress: {
                    bar.show($0)
                })
        }
    }
}

/// Estimates the motion from each frame of a sequence to the next, with the certainty from both directions.
struct MotionEstimator {
    private let estimator: FlowEstimator
    private var earlier: FlowPyramid?
    private var pair: FlowPair?

    init(preset: FlowPreset) {
        estimator = FlowEstimator(preset: preset)
    }

    /// The motion from the frame of the previous call to this one; nil for the first frame and when the size changes.
    mutating func motion(to frame: Image) throws -> Motion? {
        let current = estimator.prepare(frame.luma())
        defer { earlier = current }
        guard let earlier, earlier.width == current.width, earlier.height == current.height else { return nil }
        let found = estimator.estimate(from: current, to: earlier, startingFrom: pair)
        pair = found
        return Motion(flow: found.forward, reverse: found.backward)
    }
}
