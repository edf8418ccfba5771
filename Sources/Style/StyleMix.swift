import NeuralNet

/// The shares of the styles in a model of several styles, such as `great-wave:0.7,scream:0.3`.
///
/// The instance-norm parameters of the styles are blended (Dumoulin et al. 2017), so a mix takes no longer than one
/// style.
struct StyleMix {
    private let shares: [(style: String, share: Float)]

    /// - Parameter text: styles with their shares, separated by commas; a style without a share has 1.
    /// - Throws: an error that says what is malformed.
    init(parsing text: String) throws(ModelError) {
        var shares: [(style: String, share: Float)] = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let colon = entry.lastIndex(of: ":")
            let style = Self.trimmed(entry[..<(colon ?? entry.endIndex)])
            let number = colon.map { Self.trimmed(entry[entry.index(after: $0)...]) } ?? "1"
            guard !style.isEmpty, let share = Float(number), share >= 0, share.isFinite else {
                throw ModelError(
                    "\"\(text)\" is no mix of styles; write styles and shares such as great-wave:0.7,scream:0.3")
            }
            shares.append((style, share))
        }
        guard shares.contains(where: { $0.share > 0 }) else {
            throw ModelError("the mix \"\(text)\" has no style with a share above 0")
        }
        self.shares = shares
    }

    /// The share of each of a model's styles; they sum to 1.
    ///
    /// - Throws: an error that lists the styles if one is not among them.
    func shares(of model: Model) throws(ModelError) -> [Float] {
        var result = [Float](repeating: 0, count: model.styles.count)
        for (style, share) in shares { result[try model.index(ofStyle: style)] += share }
        let sum = result.reduce(0, +)
        return result.map { $0 / sum }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

extension Model {
    /// The model with a mix of its styles.
    ///
    /// - Parameter mix: as ``StyleRequest/mix``; empty: unchanged.
    /// - Throws: an error that says what is wrong with the mix.
    func mixing(_ mix: String) throws(ModelError) -> Model {
        if mix.isEmpty { return self }
        do throws(ModelError) {
            return mixing(try StyleMix(parsing: mix).shares(of: self))
        } catch {
            throw error.ofMix(mix)
        }
    }
}
