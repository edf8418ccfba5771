import Evaluation
import MediaIO
import Support

/// The scenes of MPI Sintel that were stylized.
enum SintelEvaluation {
    /// - Parameters:
    ///   - folder: of the data set.
    ///   - stylized: folder with a subfolder for each scene.
    ///   - baseline: such a folder; nil: none.
    ///   - note: called with a line about folders that are no scene.
    /// - Throws: if no scene was stylized, or one is missing in the baseline.
    static func scenes(
        in folder: String, pass: String, stylized: String, baseline: String?, note: (String) -> Void
    ) throws -> [SequenceEvaluation] {
        let scenes = try SintelScene.scenes(in: folder, pass: pass)
        let names = Set(scenes.map(\.name))
        let strangers = Files.names(in: stylized).filter { Files.isFolder("\(stylized)/\($0)") && !names.contains($0) }
        let found = scenes.filter { Files.isFolder("\(stylized)/\($0.name)") }
        guard !found.isEmpty else {
            throw MediaError("\(stylized): has no folder for any of \(scenes.map(\.name).joined(separator: ", "))")
        }
        if !strangers.isEmpty {
            note("\(stylized): \(strangers.joined(separator: ", ")): no scene of \(folder), left out")
        }
        return try found.map { scene in
            try scene.checkFrames()
            let base = baseline.map { "\($0)/\(scene.name)" }
            if let base, !Files.isFolder(base) {
                throw MediaError("\(base): no such folder; the baseline needs each scene")
            }
            var evaluation = SequenceEvaluation(
                name: scene.name, stylized: "\(stylized)/\(scene.name)", baseline: base)
            evaluation.originals = scene.frames
            evaluation.motion = { _ in
                { index in
                    guard scene.hasMotion(from: index) else { return .missing }
                    return .known(PairMotion(try scene.motion(from: index, mask: mask)))
                }
            }
            return evaluation
        }
    }
}
