import NeuralNet

/// The instance-norm parameters of each style of a training, with their state of the optimiser (conditional instance
/// normalisation). A step trains one style; convolutions are shared by all.
package struct StyleBank: Sendable, Equatable {
    private let ranges: NormRanges
    /// The parameters of each style.
    private(set) var values: [[Float]]
    private(set) var optimizers: [AdamState]

    /// - Parameters:
    ///   - parameters: of the network.
    ///   - starts: the models with whose norms the styles begin; nil: with those of `parameters`.
    /// - Throws: an error that names the first difference between a model and the network.
    package init(_ parameters: NetworkParameters, starts: [Model?]) throws(ModelError) {
        ranges = NormRanges(parameters)
        values = []
        for model in starts {
            let start = try model.map { model throws(ModelError) in
                try NetworkParameters(description: parameters.description, adapting: model)
            }
            values.append(ranges.values(in: (start ?? parameters).values))
        }
        optimizers = Array(repeating: AdamState(count: ranges.count), count: starts.count)
    }

    /// Restores a saved state; nil if it does not fit.
    init?(_ parameters: NetworkParameters, values: [[Float]], optimizers: [AdamState]) {
        ranges = NormRanges(parameters)
        guard values.count == optimizers.count,
            values.allSatisfy({ [ranges] in $0.count == ranges.count }),
            optimizers.allSatisfy({ [ranges] in $0.mean.count == ranges.count })
        else { return nil }
        self.values = values
        self.optimizers = optimizers
    }

    /// Sets the norms in a vector of all parameters to those of a style.
    func load(_ style: Int, into parameters: inout [Float]) { ranges.store(values[style], in: &parameters) }

    /// Updates a style's norms by one step, and sets them in the vector of all parameters.
    ///
    /// - Parameter gradient: with respect to all parameters.
    mutating func step(
        _ style: Int, _ parameters: inout [Float], gradient: [Float], rate: Double, threads: Int
    ) {
        optimizers[style].step(&values[style], gradient: ranges.values(in: gradient), rate: rate, threads: threads)
        load(style, into: &parameters)
    }
}
