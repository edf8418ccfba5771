import FoundationEssentials

/// What a model says of the painting that it paints after, as `train` notes it with how the model was made.
struct PaintingFacts: Decodable, CustomStringConvertible {
    let title: String?
    let painter: String?
    let year: String?
    let source: String?

    /// - Parameter training: a model's metadata of that name: JSON. Nil where nothing is said there of a painting.
    init?(training: String?) {
        struct Making: Decodable { let painting: PaintingFacts? }
        guard let training, let making = try? JSONDecoder().decode(Making.self, from: Data(training.utf8)),
            let painting = making.painting, !painting.description.isEmpty
        else { return nil }
        self = painting
    }

    var description: String {
        let name = [title, painter, year].compactMap { $0 }.joined(separator: ", ")
        return [name, source.map { "(\($0))" }].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
