import FoundationEssentials

/// Facts about the painting in a model's metadata, as written by `train`.
struct PaintingFacts: Decodable, CustomStringConvertible {
    let title: String?
    let painter: String?
    let year: String?
    let source: String?

    /// - Parameters:
    ///   - training: the model's metadata `training`, JSON. The result is nil if it has no facts about a painting.
    ///   - style: in a model of several styles.
    init?(training: String?, style: String?) {
        struct Making: Decodable {
            let painting: PaintingFacts?
            let paintings: [String: PaintingFacts]?
        }
        guard let training, let making = try? JSONDecoder().decode(Making.self, from: Data(training.utf8)),
            let painting = style.flatMap({ making.paintings?[$0] }) ?? making.painting, !painting.description.isEmpty
        else { return nil }
        self = painting
    }

    var description: String {
        let name = [title, painter, year].compactMap { $0 }.joined(separator: ", ")
        return [name, source.map { "(\($0))" }].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
