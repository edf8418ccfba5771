import Evaluation
import FoundationEssentials
import Style
import Support
import Training

/// What results depend on, for the settings of jobs.
extension ReproductionInput {
    /// Frames of a scene at the size of the budget.
    func facts(of scene: SintelScene) -> [String: String] {
        budget.facts.merging(["scene": scene.identity]) { $1 }
    }

    /// The optimisation of such frames in a style, and its settings.
    func facts(
        of scene: SintelScene, _ style: TableStyle, _ settings: OptimizationSettings
    ) -> [String: String] {
        facts(of: scene).merging([
            "painting": style.digest, "loss-network": lossNetwork.checksum,
            "iterations": "\(settings.firstIterations),\(settings.nextIterations)", "optimization": settings.fact,
        ]) { $1 }
    }

    /// SHA-256 of a model's file, and the style in it.
    ///
    /// - Throws: `ModelLookupError` or `FileError` if there is no such model.
    func digest(ofModel name: String) throws -> String {
        let (path, style) = try library.file(of: name)
        return try digests.digest(of: path) + (style.map { "#\($0)" } ?? "")
    }
}

/// SHA-256 of files, each computed once.
final class FileDigests {
    private var known: [String: String] = [:]

    func digest(of path: String) throws -> String {
        if let digest = known[path] { return digest }
        let digest = try sha256(Files.read(path)[...])
        known[path] = digest
        return digest
    }

    /// Tells sets of files apart: SHA-256 of their names, lengths and times of change.
    ///
    /// - Throws: ``ReproductionError`` that names a file that is missing.
    static func identity(of paths: [String]) throws -> String {
        let lines = try paths.map { path in
            guard let facts = Files.facts(of: path) else { throw ReproductionError("\(path): no such file") }
            return "\(path) \(facts.length) \(facts.modified)"
        }
        return sha256(Array(lines.joined(separator: "\n").utf8)[...])
    }
}

extension OptimizationSettings {
    /// All settings that frames depend on, as one line.
    var fact: String {
        var settings = self
        settings.threads = 0
        return "\(settings)"
    }
}

extension TrainingSettings {
    /// All settings that a model depends on, as one line.
    var fact: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
