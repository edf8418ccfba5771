import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Style

/// A stylized sequence and what it is measured with.
struct SequenceEvaluation {
    /// Name in the report.
    let name: String
    let stylized: String
    /// Nil: no baseline.
    let baseline: String?
    /// Nil: no originals.
    var frames: String?
    /// The motion of neighbouring frames; nil: estimated, or none.
    var motion: ((_ frames: EvaluatedFrames) throws -> (Int) throws -> KnownMotion)?
    /// The original pictures, in place of `frames`; as many as there are stylized ones.
    var originals: [String]?

    /// Measures the sequence and its baseline.
    ///
    /// - Parameter note: called with lines about what was left out.
    /// - Throws: `MediaError` if frames are missing; errors of reading and measuring.
    func measured(by measurement: SequenceMeasurement, note: (String) -> Void) throws -> EvaluationReport.Scene {
        let painted = try EvaluatedFrames(stylized)
        let base = try baseline.map { try EvaluatedFrames($0) }
        if let base, let count = base.pictures?.count, let wanted = painted.pictures?.count, count != wanted {
            throw MediaError("\(base.path): has \(count) pictures, \(stylized) has \(wanted); they must agree")
        }
        var bar = ProgressBar(total: (painted.count ?? 0) + (base?.count ?? 0))
        defer { bar.clear() }
        let measures = try measures(painted, measurement, note: note) { bar.show($0) }
        let baseMeasures = try base.map { base in
            try self.measures(base, measurement, note: { _ in }) { bar.show(measures.frames.count + $0) }
        }
        if let count = baseMeasures?.frames.count, count != measures.frames.count {
            throw MediaError(
                "\(baseline ?? ""): has \(count) frames, \(stylized) has \(measures.frames.count); they must agree")
        }
        return EvaluationReport.Scene(name: name, measures: measures, baseline: baseMeasures)
    }

    private func measures(
        _ painted: EvaluatedFrames, _ measurement: SequenceMeasurement, note: (String) -> Void,
        progress: (Int) -> Void
    ) throws -> SequenceMeasures {
        let found = try originalFrames(of: painted)
        if let text = found?.note { note(text) }
        let known = try motion?(painted)
        return try Interrupt.guarding {
            try measurement.measures(
                stylized: painted.frame,
                original: { index in
                    guard let found else { return nil }
                    guard let frame = try found.frames.frame(index) else {
                        throw MediaError(
                            "\(found.frames.path): has \(index) frames, fewer than \(painted.path); they must agree")
                    }
                    return frame
                },
                motion: { earlier, later in
                    guard let known, later - earlier == 1 else { return .estimate }
                    return try known(earlier)
                }, progress: progress)
        }
    }

    private func originalFrames(of painted: EvaluatedFrames) throws -> (frames: EvaluatedFrames, note: String?)? {
        guard let originals else { return try frames.map { try EvaluatedFrames.originals($0, of: painted) } }
        if let count = painted.pictures?.count, count != originals.count {
            throw MediaError(
                "\(painted.path): has \(count) pictures, the scene \(originals.count) frames; they must agree")
        }
        return (EvaluatedFrames("\(name)'s frames", pictures: originals), nil)
    }
}
