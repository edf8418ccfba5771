import Imaging
import Support

/// Draws samples from several sources by weight.
public struct MixedSource: SequenceSource {
    private let sources: [(source: any SequenceSource, weight: Double)]
    private let seed: UInt64

    /// - Parameter sources: at least one, with weights of 0 or more, not all of them 0.
    public init(_ sources: [(source: any SequenceSource, weight: Double)], seed: UInt64) {
        precondition(sources.contains { $0.weight > 0 }, "a mixture needs a source")
        self.sources = sources
        self.seed = seed
    }

    /// Draws a source for each sequence; seed and step decide which.
    public func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence] {
        var random = SplitMix(seed: seed, step)
        let total = sources.reduce(0) { $0 + $1.weight }
        var counts = sources.map { _ in 0 }
        let choices = (0..<count).map { _ in
            var left = Double(random.nextUnit()) * total
            let choice = sources.firstIndex { source in
                left -= source.weight
                return left < 0
            }
            let chosen = choice ?? sources.lastIndex { $0.weight > 0 } ?? 0
            counts[chosen] += 1
            return chosen
        }
        var samples = try sources.indices.map { index in
            counts[index] == 0
                ? []
                : try sources[index].source.batch(step: step, count: counts[index], frames: frames, size: size)[...]
        }
        return choices.map { samples[$0].removeFirst() }
    }
}
