import Imaging
import NeuralNet
import Support

/// What each step of a training does, as far as it is drawn: the same for a seed, whatever came before.
public struct TrainingPlan: Sendable {
    private let settings: TrainingSettings

    public init(_ settings: TrainingSettings) { self.settings = settings }

    /// How many recursive frames a step has; 0: single pictures.
    ///
    /// - Parameters:
    ///   - step: counted from 0.
    ///   - part: of the training that is done, 0...1.
    public func frames(at step: Int, part: Double) -> Int {
        guard settings.kind == .video else { return 0 }
        var random = SplitMix(seed: settings.seed, Self.stream, step)
        if Double(random.nextUnit()) < settings.priorDropout { return 0 }
        let choices = settings.frames.frames(at: step, part: part)
        return choices[Int(random.next() % UInt64(choices.count))]
    }

    /// The part of the training that is done before a step; by steps, or by the time that it took.
    public func part(step: Int, seconds: Double) -> Double {
        switch settings.length {
        case .steps(let steps): Double(step) / Double(max(steps, 1))
        case .seconds(let total): min(seconds / total, 1)
        }
    }

    /// What a step asks the source for.
    func request(at step: Int, part: Double) -> Prefetcher.Request {
        Prefetcher.Request(
            step: step, count: settings.batchSize, frames: frames(at: step, part: part) + 1, size: settings.cropSize)
    }

    /// What the noise in priors is drawn from.
    package func noiseSeed(step: Int, sample: Int, frame: Int) -> UInt64 {
        var random = SplitMix(seed: settings.seed, Self.stream, step, sample, frame)
        return random.next()
    }

    /// Apart from the samples' and weights' own.
    private static let stream = 0x706C_616E
}
