import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Sphere
import Style
import Support

/// A way to match the faces of a stylized sphere (paper, section 6).
struct SphereVariant {
    /// As part of a job's name.
    let name: String
    let settings: FaceSequence.Settings
    /// Whether the network is the one that was fine-tuned for borders.
    var isTuned = false

    /// Each face by itself.
    static let independent = SphereVariant(name: "independent", settings: .independent)

    /// Neighbouring borders as prior.
    ///
    /// - Parameter softness: part of a border over which its certainty rises; 0: a hard edge as in the paper.
    static func prior(softness: Float, fill: PriorFill = .mean, isTuned: Bool) -> SphereVariant {
        var settings = FaceSequence.Settings.independent
        settings.bordersArePrior = true
        settings.softness = softness
        settings.fill = fill
        return SphereVariant(
            name: "prior-\(softness)-\(fill.rawValue)\(isTuned ? "-tuned" : "")", settings: settings, isTuned: isTuned)
    }

    /// This program's default: shared instance-norm statistics and blended borders.
    static func blended(isTuned: Bool) -> SphereVariant {
        SphereVariant(name: "blended\(isTuned ? "-tuned" : "")", settings: FaceSequence.Settings(), isTuned: isTuned)
    }
}

/// Stylizes panoramas, still or with a moving camera, and measures their seams.
struct SphereRun {
    let input: ReproductionInput
    let style: TableStyle
    /// Size of a face and of the overlap on each side.
    let face: Int
    let overlap: Int
    /// Of the results, as for ``Job``.
    private static let version = 1

    /// The measures of frame `number`, counted from 1.
    enum Measure {
        static func cutEdges(_ number: Int) -> String { "cut edges \(number)" }
        static func innerEdges(_ number: Int) -> String { "inner edges \(number)" }
        static let content = "content"
        static let style = "style"
    }

    /// - Throws: ``ReproductionError`` if there is no panorama, or no model.
    init(_ input: ReproductionInput, for table: String) throws {
        guard !input.panoramas.isEmpty else {
            throw ReproductionError("\(table) needs panoramas: --panoramas is a folder of equirectangular pictures")
        }
        guard let style = input.styles.first(where: { $0.model != nil }) else {
            throw ReproductionError("\(table) needs a painting with a model: --style")
        }
        self.input = input
        self.style = style
        (face, overlap) = input.budget.isQuick ? (160, 16) : (640, 64)
    }

    /// The model that was fine-tuned for borders, if there is one.
    var tunedModel: String? {
        style.model.map { "\($0)-sphere" }.flatMap { name in
            input.library.listModels().contains { $0.name == name } ? name : nil
        }
    }

    func jobName(_ variant: SphereVariant, panorama: String, frames: Int) -> String {
        "sphere/\(style.name)/\(Self.title(panorama))/\(variant.name)-\(frames)"
    }

    /// The file's name without its extension.
    static func title(_ path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return file.split(separator: ".").dropLast().joined(separator: ".")
    }

    /// - Parameter frames: 1: the still panorama; more: a camera that turns and moves in it, with exact flow.
    /// - Throws: errors of a model that is missing.
    func job(_ variant: SphereVariant, panorama: String, frames: Int) throws -> Job? {
        guard let model = variant.isTuned ? tunedModel : style.model else { return nil }
        let name = jobName(variant, panorama: panorama, frames: frames)
        let facts = Files.facts(of: panorama)
        let settings = [
            "face": "\(face)", "overlap": "\(overlap)", "model": try input.digest(ofModel: model),
            "variant": "\(variant.settings)",
            "panorama": "\(facts?.length ?? 0) \(facts?.modified ?? 0)", "painting": style.digest,
            "loss-network": input.lossNetwork.checksum,
        ]
        return Job(name, version: Self.version, settings: settings, cost: 20 * Double(frames)) { store, _ in
            try run(variant, model: model, panorama: panorama, frames: frames, name: name, store: store)
        }
    }

    private func run(
        _ variant: SphereVariant, model: String, panorama: String, frames: Int, name: String, store: JobStore
    ) throws -> JobResult {
        let geometry = try CubeGeometry(faceSize: face, overlap: overlap)
        let side = geometry.extendedSize
        let network = try Network(
            model: input.library.model(model), width: side, height: side, threads: input.threads)
        let walk = MovingPanorama(panorama: try Image(contentsOf: panorama), geometry: geometry)
        var painter = SpherePainter(
            walk, settings: variant.settings, network: network, isStill: frames == 1, threads: input.threads)
        var values: [String: Double] = [:]
        var (last, content): (Image?, Image?)
        for frame in 1...frames {
            let column = try painter.content(frame)
            let painted = try painter.paint(column, motion: frame > 1 ? walk.motion(frame - 1) : nil)
            let error = GradientError(column: painted.shown, geometry: geometry)
            values[Measure.cutEdges(frame)] = error.cutEdges
            values[Measure.innerEdges(frame)] = error.innerEdges
            (last, content) = (painted, column)
        }
        var pictures: [String] = []
        if let last, let content {
            let losses = try losses(of: last, content: content, geometry)
            values[Measure.content] = losses.content
            values[Measure.style] = losses.style
            let (width, height) = SphereLayout.equirectangular.size(faceSize: face)
            let joiner = try CubeJoiner(
                from: geometry, to: .equirectangular, width: width, height: height, threads: input.threads)
            pictures = [try store.write(joiner.join(last.shown), of: name)]
        }
        return JobResult(values, pictures: pictures)
    }

    /// Losses of all six faces as one image, since brightness may differ between faces.
    private func losses(
        of painted: Image, content: Image, _ geometry: CubeGeometry
    ) throws -> (content: Double, style: Double) {
        let size = min(geometry.extendedSize, 256)
        let losses = try PaperLosses(
            style, lossNetwork: input.lossNetwork, width: 3 * size, height: 2 * size, threads: input.threads)
        return try losses.evaluate(painted.faceSheet(size: size), of: content.faceSheet(size: size))
    }
}
