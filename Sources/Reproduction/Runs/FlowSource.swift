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
    /// - Throws: errors of reading the files; ``ReproductionError`` if their sizes do not fit.
    func pairs(of footage: Footage) throws -> [FlowPair]? {
        guard case .files(let backward, let forward) = self else { return footage.estimatedFlow() }
        guard let forward else { return nil }
        let pattern = try FlowFilePattern(filled(backward, footage.name))
        let reverse = try FlowFilePattern(filled(forward, footage.name))
        return try footage.frames.indices.dropFirst().map { index in
            let path = reverse.path(from: index, to: index + 1)
            let pair = FlowPair(
                backward: try read(pattern.path(from: index + 1, to: index), for: footage.frames[index]),
                forward: try FlowField(contentsOf: path))
            guard pair.backward.width == pair.forward.width, pair.backward.height == pair.forward.height else {
                throw ReproductionError(
                    "\(path): is \(pair.forward.width) x \(pair.forward.height), the backward flow "
                        + "\(pair.backward.width) x \(pair.backward.height); they must agree")
            }
            return pair
        }
    }

    /// References of each frame to the one before.
    ///
    /// - Throws: as ``pairs(of:)``.
    func references(of footage: Footage, threads: Int) throws -> [[Reference]] {
        if let pairs = try pairs(of: footage) {
            return [[]]
                + pairs.map { pair in
                    let certainty = ConsistencyCheck().certainty(
                        of: pair.backward, reverse: pair.forward, threads: threads)
                    return [Reference(distance: 1, flow: pair.backward, certainty: certainty)]
                }
        }
        guard case .files(let backward, _) = self else { return [] }
        let pattern = try FlowFilePattern(filled(backward, footage.name))
        return try footage.frames.indices.map { index in
            guard index > 0 else { return [] }
            let flow = try read(pattern.path(from: index + 1, to: index), for: footage.frames[index])
            let certainty = Plane<Float>(width: flow.width, height: flow.height, repeating: 1)
            return [Reference(distance: 1, flow: flow, certainty: certainty)]
        }
    }

    /// A file of flow, of any size in the shape of the frame.
    private func read(_ path: String, for frame: Image) throws -> FlowField {
        let flow = try FlowField(contentsOf: path)
        let ratio = Double(frame.height) / Double(max(frame.width, 1))
        // Frames may have been made smaller, which rounds their size.
        let tolerance = max(1, ratio) * max(1, Double(flow.width) / Double(max(frame.width, 1)))
        guard abs(Double(flow.width) * ratio - Double(flow.height)) <= tolerance else {
            throw ReproductionError(
                "\(path): is \(flow.width) x \(flow.height), which is not the shape of the frames, "
                    + "\(frame.width) x \(frame.height)")
        }
        return flow
    }

    private func filled(_ pattern: String, _ scene: String) -> String {
        pattern.split(separator: "%s", omittingEmptySubsequences: false).joined(separator: scene)
    }
}
