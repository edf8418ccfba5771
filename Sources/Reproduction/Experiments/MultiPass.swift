import Imaging
import MediaIO
import NeuralNet
import Style

/// Section 4.4: several passes against artifacts that come in at the image's border.
struct MultiPass: Experiment {
    static let name = "multi-pass"
    static let title = "Section 4.4: several passes"
    static let text = """
        A window moves over a still picture, with exact flow: all that the last frame shows entered at the border. Contrast is the \
        standard deviation of the entered part, of 255. Seams are the gradients at places where the border was, relative to those \
        elsewhere. Both methods have as many iterations per frame. The paper shows a picture of it (figure 10) and no numbers.
        """

    /// Of the results, as for ``Job``.
    private static let version = 1
    private static let frames = 9
    private static let passes = 10
    private let input: ReproductionInput
    private let style: TableStyle
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        guard let scene = input.scenes.first, let style = input.styles.first, let path = scene.frames.first else {
            throw ReproductionError("multi-pass needs a scene and a painting")
        }
        self.input = input
        self.style = style
        var settings = input.facts(of: scene, style, input.optimizationSettings)
        settings["passes"] = "\(Self.passes) of \(Self.frames) frames"
        let perPass = max(2, input.budget.iterations.next / 10)
        let cost = Double(2 * Self.frames * Self.passes * perPass) / 4
        jobs = [
            Job("multi-pass/\(style.name)", version: Self.version, settings: settings, cost: cost) { store, _ in
                try Self.run(picture: path, style: style, perPass: perPass, input: input, store: store)
            }
        ]
    }

    private static func run(
        picture: String, style: TableStyle, perPass: Int, input: ReproductionInput, store: JobStore
    ) throws -> JobResult {
        let original = try Image(contentsOf: picture)
        let size = input.budget.size(width: original.width, height: original.height)
        // Half of the frame's width: the window moves over the other half.
        let (width, height) = (max(64, size.width / 2), max(64, size.height))
        let pan = MovingWindow(
            over: original, width: width, height: height, count: frames, step: max(1, width / 2 / (frames - 1)))
        var settings = input.optimizationSettings
        settings.passes = passes
        settings.passIterations = perPass
        let painted = try PanOptimization(pan, settings: settings, network: input.lossNetwork, style: style.painting)
        var values: [String: Double] = [:]
        var pictures: [String] = []
        for (name, image) in zip(["alone", "single", "several"], painted.compared) {
            values["contrast \(name)"] = pan.contrast(of: image.shown)
            values["seams \(name)"] = pan.seams(of: image.shown)
            pictures.append(try store.write(image.shown, of: "multi-pass/\(style.name)/\(name)"))
        }
        return JobResult(values, pictures: pictures)
    }

    func section(_ results: Results) -> Section {
        let job = "multi-pass/\(style.name)"
        let rows = [
            ("a frame on its own", "alone"), ("single pass, last frame", "single"),
            ("\(Self.passes) passes, last frame", "several"),
        ]
        func value(_ measure: String, _ row: String) -> Double? { results.value("\(measure) \(row)", of: job) }
        return Section(
            tables: [
                Table(
                    "Here", columns: ["method", "contrast", "seams"],
                    rows: rows.map { label, name in
                        [
                            label, value("contrast", name).map { Table.decimal($0, 1) } ?? "-",
                            value("seams", name).map { Table.decimal($0, 2) } ?? "-",
                        ]
                    })
            ],
            claims: [
                Claim.falling(
                    "contrast: several passes > single pass",
                    [value("contrast", "several"), value("contrast", "single")],
                    reason: "Each pass begins the optimiser anew, and gets not far in "
                        + "\(max(2, input.budget.iterations.next / 10)) iterations; the paper has 100 in a pass"),
                Claim.falling(
                    "seams: single pass > several passes", [value("seams", "single"), value("seams", "several")]),
            ],
            pictures: zip(results[job]?.pictures ?? [], rows).map { (name: $0, caption: $1.0) })
    }
}
