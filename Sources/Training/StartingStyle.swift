import NeuralNet

extension Model {
    /// The style of this model with whose norms the training of a style begins: the one of the same name, otherwise the
    /// one with the lowest style loss on the validation photographs. Nil: this model has no choice of styles, or there
    /// are no photographs.
    ///
    /// - Parameters:
    ///   - name: of the style to train; nil: it does not matter.
    ///   - index: of its target in `validator`.
    func start(named name: String?, nearestTo index: Int, by validator: Validator?) throws -> Model? {
        guard styles.count > 1 else { return nil }
        if let name, styles.contains(name) { return try selecting(name) }
        let candidates = try styles.map { try selecting($0) }
        let losses = try candidates.map { try validator?.losses(of: $0, style: index)?.style ?? .infinity }
        guard let least = losses.min(), least.isFinite, let best = losses.firstIndex(of: least) else { return nil }
        return candidates[best]
    }
}
