import Evaluation
import Flow
import Imaging
import Style
import Support

/// Where the optimisation's flow comes from.
enum FlowSource: Equatable {
    /// Estimated here, preset `quality`.
    case estimated
    /// Files of another method, by a pattern with the scene's name filled in; checked against the reverse flow, if there
    /// is a pattern for it.
    case files(backward: String, forward: String?)

    /// As part of a job's name.
    var name: String {
        switch self {
        case .estimated: "estimated"
        case .files: "files"
        }
    }

    /// As a setting of a job: files are told apart by their names, lengths and times.
    ///
    /// - Throws: ``ReproductionError`` that names a file that is missing.
    func fact(scene: SintelScene, budget: Budget) throws -> String {
        guard case .files(let backward, let forward) = self else { return name }
        let count = min(scene.frames.count, budget.frames ?? .max)
        guard count > 1 else { return name }
        let pattern = try FlowFilePattern(filled(backward, scene.name))
        let reverse = try forward.map { try FlowFilePattern(filled($0, scene.name)) }
        let paths = (1..<count).flatMap { frame in
            [pattern.path(from: frame + 1, to: frame)] + (reverse.map { [$0.path(from: frame, to: frame + 1)] } ?? [])
        }
        return try FileDigests.identity(of: paths)
    }

    /// Flow between each frame and the one before; nil without reverse flow.
    ///
    /// - Throws: errors of reading the files.
    func pairs(of footage: Footage) throws -> [FlowPair]? {
        guard case .files(let backward, let forward) = self else { return footage.estimatedFlow() }
        guard let forward else { return nil }
        let pattern = try FlowFilePattern(filled(backward, footage.name))
        let reverse = try FlowFilePattern(filled(forward, footage.name))
        return try footage.frames.indices.dropFirst().map { index in
            FlowPair(
                backward: try FlowField(contentsOf: pattern.path(from: index + 1, to: index)),
                forward: try FlowField(contentsOf: reverse.path(from: index, to: index + 1)))
        }
    }

    /// References of each frame to the one before.
    ///
    /// - Throws: errors of reading the files.
    func references(of footage: Footage, threads: Int) throws -> [[Reference]] {
        switch self {
        case .estimated:
            return [[]]
                + footage.estimatedFlow().map { pair in
                    let certainty = ConsistencyCheck().certainty(
                        of: pair.backward, reverse: pair.forward, threads: threads)
                    return [Reference(distance: 1, flow: pair.backward, certainty: certainty)]
                }
        case .files(let backward, let forward):
            let pattern = try FlowFilePattern(filled(backward, footage.name))
            let reversePattern = try forward.map { try FlowFilePattern(filled($0, footage.name)) }
            return try footage.frames.indices.map { index in
                guard index > 0 else { return [] }
                let flow = try FlowField(contentsOf: pattern.path(from: index + 1, to: index))
                let reverse = try reversePattern.map {
                    try FlowField(contentsOf: $0.path(from: index, to: index + 1))
                }
                let motion =
                    reverse.map { Motion(flow: flow, reverse: $0, threads: threads) }
                    ?? Motion(flow: flow, certainty: Plane(width: flow.width, height: flow.height, repeating: 1))
                return [Reference(distance: 1, flow: motion.flow, certainty: motion.certainty)]
            }
        }
    }

    private func filled(_ pattern: String, _ scene: String) -> String {
        pattern.split(separator: "%s", omittingEmptySubsequences: false).joined(separator: scene)
    }
}
