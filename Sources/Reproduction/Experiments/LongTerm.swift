import Flow
import Imaging
import MediaIO
import NeuralNet
import Style

/// Section 4.3: long-term consistency, and its weights c and c_long.
struct LongTerm: Experiment {
    static let name = "long-term"
    static let title = "Section 4.3: long-term consistency"
    static let text = """
        An object passes before a still scene, with exact flow: mean squared difference (values 0 to 1) between the first and the \
        last painted frame where the object has passed; smaller means that the scene looks as before. J is the set of distances of \
        equation 11; c and c_long are the weights of equations 11 and 12. The paper shows a picture of it (figure 9) and no numbers.
        """

    /// Of the results, as for ``Job``.
    private static let version = 1
    private static let frames = 9
    private static let distances = [1, 4, 8]

    private enum Way: String, CaseIterable {
        case shortTerm = "J = {1}"
        case plain = "J = {1, 4, 8}, c"
        case longTerm = "J = {1, 4, 8}, c_long"

        var name: String {
            switch self {
            case .shortTerm: "short-term"
            case .plain: "c"
            case .longTerm: "c-long"
            }
        }
    }

    private let input: ReproductionInput
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        self.input = input
        guard let scene = input.scenes.first, let style = input.styles.first else {
            throw ReproductionError("long-term needs a scene and a painting")
        }
        let other = input.scenes.last ?? scene
        jobs = Way.allCases.map { way in
            var settings = input.facts(of: scene, style, Self.optimization(way, input))
            settings["object"] = other.identity
            settings["frames"] = "\(Self.frames)"
            let cost = input.budget.iterations.first + (Self.frames - 1) * input.budget.iterations.next
            return Job(
                "long-term/\(style.name)/\(way.name)", version: Self.version, settings: settings, cost: Double(cost)
            ) { store, settings in
                let size = try Image(contentsOf: scene.frames[0])
                let (width, height) = input.budget.size(width: size.width, height: size.height)
                let film = PassingObject(
                    background: size.resized(width: width, height: height),
                    object: try Image(contentsOf: other.frames[other.frames.count - 1]), count: Self.frames)
                return try Self.run(way, film, style: style, input: input, settings: settings, store: store)
            }
        }
    }

    private static func run(
        _ way: Way, _ film: PassingObject, style: TableStyle, input: ReproductionInput, settings: [String: String],
        store: JobStore
    ) throws -> JobResult {
        let name = "long-term/\(style.name)/\(way.name)"
        let optimizer = try ClipOptimizer(
            settings: optimization(way, input), network: input.lossNetwork, styles: [style.painting],
            library: input.library, longestReference: distances.max() ?? 1)
        var painted: [Image] = []
        for (index, frame) in film.frames.enumerated() {
            let content = frame.networkSpace()
            if let kept = store.frame(index, of: name, settings: settings)?.image, kept.width == frame.width,
                kept.height == frame.height
            {
                optimizer.adopt(kept, for: content)
                painted.append(kept)
                continue
            }
            let result = try optimizer.next(content, references: references(way, film, frame: index))
            try store.keep(result, as: index, of: name, settings: settings, facts: [:])
            painted.append(result)
        }
        guard let first = painted.first, let last = painted.last else { return JobResult([:]) }
        return JobResult(
            ["change": film.change(from: first.shown, to: last.shown)],
            pictures: [try store.write(last.shown, of: name)])
    }

    private static func optimization(_ way: Way, _ input: ReproductionInput) -> OptimizationSettings {
        var settings = input.optimizationSettings
        settings.longTermWeights = way == .plain ? .all : .closest
        return settings
    }

    private static func references(_ way: Way, _ film: PassingObject, frame: Int) -> [Reference] {
        let known = (way == .shortTerm ? [1] : distances).filter { $0 <= frame }
        let motions = known.map { distance in
            let motion = film.motion(of: frame, distance: distance)
            return (distance: distance, flow: motion.flow, certainty: motion.certainty)
        }
        return Reference.longTerm(motions)
    }

    func section(_ results: Results) -> Section {
        let style = input.styles.first?.name ?? ""
        func change(_ way: Way) -> Double? { results.value("change", of: "long-term/\(style)/\(way.name)") }
        return Section(
            tables: [
                Table(
                    "Here", columns: ["method", "change"],
                    rows: Way.allCases.map { [$0.rawValue, Table.number(change($0))] })
            ],
            claims: [Claim.falling("short-term > long-term with c_long", [change(.shortTerm), change(.longTerm)])],
            pictures: Way.allCases.compactMap { way in
                results["long-term/\(style)/\(way.name)"]?.pictures.first.map { (name: $0, caption: way.rawValue) }
            })
    }
}
