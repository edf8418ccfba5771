/// Distances of a picture from several paintings by their Gram matrices: the sum over layers of the squared distance,
/// each layer divided by the mean square norm of the paintings' matrices.
public struct StyleDistances: Sendable {
    private let paintings: [[[Float]]]
    private let scales: [Double]

    /// - Parameter paintings: for each painting the Gram matrix of each layer, normalised by the number of pixels.
    /// - Throws: ``EvaluationError`` if there is no painting, or their layers differ.
    public init(paintings: [[[Float]]]) throws {
        let shapes = paintings.map { $0.map(\.count) }
        guard let shape = shapes.first, shapes.allSatisfy({ $0 == shape }) else {
            throw EvaluationError("there are no paintings with the same layers to compare with")
        }
        self.paintings = paintings
        scales = shape.indices.map { layer in
            let sum = paintings.reduce(0.0) { $0 + $1[layer].reduce(0) { $0 + Double($1) * Double($1) } }
            return sum > 0 ? Double(paintings.count) / sum : 0
        }
    }

    /// The distance from each painting.
    /// - Throws: ``EvaluationError`` if the layers are not those of the paintings.
    public func distances(of layers: [[Float]]) throws -> [Double] {
        try paintings.map { painting in
            guard painting.map(\.count) == layers.map(\.count) else {
                throw EvaluationError("a picture can be compared with paintings in the same layers only")
            }
            return layers.indices.reduce(0.0) { sum, layer in
                let square = zip(painting[layer], layers[layer]).reduce(0.0) {
                    let difference = Double($1.0 - $1.1)
                    return $0 + difference * difference
                }
                return sum + scales[layer] * square
            }
        }
    }
}
