import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

/// Figure 3: how a network's output changes when its input moves by some pixels.
struct ShiftFigure: Experiment {
    static let name = "fig3"
    static let title = "Figure 3: shifted inputs"
    static let text = """
        The frame is moved by some pixels to the right and down, and the output is moved back: mean absolute difference from the \
        output for the frame that was not moved, of 255, inside a border of 16 pixels. Zero means that strokes stick to the scene. \
        With a prior, the network gets its first output, moved along. The paper shows pictures of it and no numbers.
        """

    /// Of the results, as for ``Job``.
    private static let version = 1
    private static let shifts = [1, 2, 3, 4]
    private static let border = 16

    private struct Row {
        let label: String
        /// As part of a job's name.
        let name: String
        var hasPrior = false
        /// What the model depends on.
        let facts: [String: String]
        let model: (JobStore) throws -> Model
    }

    private let input: ReproductionInput
    /// Whether the dilated network is trained here.
    private let trainsDilated: Bool
    private let rows: [Row]
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        self.input = input
        guard let scene = input.scenes.first else { throw ReproductionError("fig3 needs a scene") }
        let withModel = input.styles.compactMap { style in style.model.map { (style.name, $0) } }
        guard !withModel.isEmpty else { throw ReproductionError("fig3 needs a painting with a model: --style") }
        func row(_ label: String, _ name: String, model: String, hasPrior: Bool = false) throws -> Row {
            Row(
                label: label, name: name, hasPrior: hasPrior, facts: ["model": try input.digest(ofModel: model)],
                model: { _ in try input.library.model(model) })
        }
        var rows = try withModel.flatMap { name, model in
            [
                try row("`\(name)`, strides", "\(name)/strides", model: model),
                try row("`\(name)`, strides, with prior", "\(name)/prior", model: model, hasPrior: true),
            ]
        }
        let given = input.dilatedModel ?? input.trainedModels[TrainingMethod.dilated.rawValue]
        trainsDilated = given == nil && input.budget.isQuick && input.photographs != nil
        if let given {
            rows.append(try row("dilated (`\(given)`)", "dilated", model: given))
        } else if trainsDilated, let style = input.styles.first {
            let network = MethodModel(method: .dilated, style: style, input: input)
            rows.append(
                Row(label: "dilated", name: "dilated", facts: try network.facts, model: network.load(from:)))
        }
        self.rows = rows
        jobs = rows.map { row in
            let settings = input.facts(of: scene).merging(row.facts) { $1 }
            return Job("shift/\(row.name)", version: Self.version, settings: settings, cost: 25) { store, _ in
                try Self.run(row.model(store), hasPrior: row.hasPrior, scene: scene, input: input)
            }
        }
    }

    private static func run(
        _ model: Model, hasPrior: Bool, scene: SintelScene, input: ReproductionInput
    ) throws -> JobResult {
        guard let path = scene.frames.first else { throw ReproductionError("scene \(scene.name): has no frame") }
        let original = try Image(contentsOf: path)
        let size = input.budget.size(width: original.width, height: original.height)
        let picture = original.resized(width: size.width, height: size.height).networkSpace()
        let largest = shifts.max() ?? 1
        let (width, height) = (size.width - largest, size.height - largest)
        let network = try Network(model: model, width: width, height: height, threads: input.threads)
        let fill = PriorFill(model.description.fill)
        let first = try network.run(frame: picture.cropped(x: 0, y: 0, width: width, height: height))
        var values: [String: Double] = [:]
        for shift in shifts {
            let moved = picture.cropped(x: shift, y: shift, width: width, height: height)
            let prior = hasPrior ? Self.prior(first, movedBy: shift, fill: fill, threads: input.threads) : nil
            let output = try network.run(frame: moved, prior: prior?.image, certainty: prior?.certainty)
            let inner = (width: width - 2 * border - shift, height: height - 2 * border - shift)
            guard inner.width > 0, inner.height > 0 else {
                throw ReproductionError("frames of \(width)x\(height) are too small to be shifted")
            }
            values["\(shift)"] = meanAbsoluteDifference(
                of: output.shown.cropped(x: border, y: border, width: inner.width, height: inner.height),
                from: first.shown.cropped(
                    x: border + shift, y: border + shift, width: inner.width, height: inner.height))
        }
        return JobResult(values)
    }

    /// The output as the prior of the frame that begins `shift` pixels further right and below.
    private static func prior(_ output: Image, movedBy shift: Int, fill: PriorFill, threads: Int) -> Prior {
        let (width, height) = (output.width, output.height)
        var flow = FlowField(width: width, height: height)
        var certainty = Plane<Float>(width: width, height: height, repeating: 0)
        for index in flow.u.indices {
            (flow.u[index], flow.v[index]) = (Float(shift), Float(shift))
            let isInside = index % width + shift < width && index / width + shift < height
            certainty.values[index] = isInside ? 1 : 0
        }
        return Prior(warping: output, by: flow, certainty: certainty, fill: fill, threads: threads)
    }

    func section(_ results: Results) -> Section {
        func value(_ name: String, _ shift: Int) -> Double? { results.value("\(shift)", of: "shift/\(name)") }
        let cells = rows.map { row in
            [row.label, "0.0"] + Self.shifts.map { value(row.name, $0).map { Table.decimal($0, 1) } ?? "-" }
        }
        let odd = Self.shifts.filter { $0 % 4 != 0 }
        func mean(_ name: String) -> Double? {
            let values = odd.compactMap { value(name, $0) }
            return values.count == odd.count ? values.reduce(0, +) / Double(odd.count) : nil
        }
        var claims: [Claim] = []
        for (plain, prior) in zip(rows, rows.dropFirst()) where prior.hasPrior {
            claims.append(
                Claim.falling(
                    "\(plain.label) > with prior (mean of 1 to 3 pixels)", [mean(plain.name), mean(prior.name)]))
        }
        if let strides = rows.first, rows.contains(where: { $0.name == "dilated" }) {
            claims.append(
                Claim.falling("strides > dilated (mean of 1 to 3 pixels)", [mean(strides.name), mean("dilated")]))
        }
        var notes: [String] = []
        if trainsDilated {
            notes.append(
                "dilated: Di of table 5, trained for \(input.budget.trainingSteps) steps; strokes stick to the scene by the "
                    + "shape of the network, not by its training.")
        } else if !rows.contains(where: { $0.name == "dilated" }) {
            notes.append(
                "The row of the dilated network needs a model: `pentimento train --dilated --kind image --style-image PAINTING "
                    + "-o dilated.safetensors` makes one, `--dilated-model dilated.safetensors` takes it.")
        }
        return Section(
            tables: [Table("Here", columns: ["network", "0 px"] + Self.shifts.map { "\($0) px" }, rows: cells)],
            claims: claims, notes: notes)
    }
}
