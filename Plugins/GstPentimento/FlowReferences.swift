import GStreamerKit

/// The distances in the property `references`, such as "1,10,20,40".
package struct FlowReferences: Equatable {
    /// Ascending, without repetition.
    package let distances: [Int]

    static let farthest = 1000
    static let most = 32
    static let previousFrame = FlowReferences(distances: [1])

    private init(distances: [Int]) { self.distances = distances }

    /// - Throws: ``ElementError`` unless the text is a list of 1 to 32 whole numbers from 1 to 1000.
    package init(_ text: String) throws {
        var distances: [Int] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let distance = Int(piece.filter { $0 != " " }), (1...Self.farthest).contains(distance) else {
                throw ElementError(
                    .settings, "references=\"\(text)\": \"\(piece)\" is not a distance in frames.",
                    remedy: "Write whole numbers from 1 to \(Self.farthest), separated by commas, such as 1,10,20,40.")
            }
            distances.append(distance)
        }
        guard distances.count <= Self.most else {
            throw ElementError(
                .settings, "references=\"\(text)\" names \(distances.count) frames.",
                remedy: "Name at most \(Self.most).")
        }
        self.distances = Set(distances).sorted()
    }
}
