import Imaging
import NeuralNet
import Style
import Support

/// What each step does, as far as it is random: depends only on seed and step, not on earlier draws.
public struct TrainingPlan: Sendable {
    private let settings: TrainingSettings

    /// Creates the plan for these settings.
    public init(_ settings: TrainingSettings) { self.settings = settings }

    /// Number of recursive frames of a step; 0: single frames.
    ///
    /// - Parameters:
    ///   - step: counted from 0.
    ///   - fraction: share of the training done, 0...1.
    public func frames(at step: Int, fraction: Double) -> Int {
        guard settings.kind == .video else { return 0 }
        var random = SplitMix(seed: settings.seed, Self.stream, step)
        if Double(random.nextUnit()) < settings.priorDropout { return 0 }
        let choices = settings.frames.frames(at: step, fraction: fraction)
        return choices[Int(random.next() % UInt64(choices.count))]
    }

    /// How many frames before the last one the long-term pixel loss compares it with, 2...20; nil: there are too few.
    ///
    /// - Parameter frames: number of recursive frames.
    package func longTermDistance(step: Int, sample: Int, frames: Int) -> Int? {
        guard frames >= Self.longTermFrames.lowerBound else { return nil }
        var random = SplitMix(seed: settings.seed, Self.longTermStream, step, sample)
        let choices = Self.longTermFrames.lowerBound...min(frames, Self.longTermFrames.upperBound)
        return choices.lowerBound + random.next(below: choices.count)
    }

    private static let longTermFrames = 2...20

    /// Number of frames for which the priors of a sample are warped from the same output (`PriorHistory`). Small numbers
    /// show the network what becomes of its outputs after many frames.
    package func anchorFrames(step: Int, sample: Int) -> Int {
        var random = SplitMix(seed: settings.seed, Self.anchorStream, step, sample)
        return Self.anchorChoices[random.next(below: Self.anchorChoices.count)]
    }

    private static let anchorChoices = [1, 2, 4, PriorHistory.defaultSpan]

    /// The style that a step trains, 0..<count. Each style comes once in every `count` steps, in random order.
    public func style(at step: Int, of count: Int) -> Int {
        guard count > 1 else { return 0 }
        var random = SplitMix(seed: settings.seed, Self.styleStream, step / count)
        var order = Array(0..<count)
        order.shuffle(using: &random)
        return order[step % count]
    }

    /// Share of the training done before a step, 0...1; by steps or by time, as the length is given.
    ///
    /// - Parameter reserved: seconds at the end in which nothing is learnt.
    public func fraction(step: Int, seconds: Double, reserved: Double = 0) -> Double {
        switch settings.length {
        case .steps(let steps): Double(step) / Double(max(steps, 1))
        case .seconds(let total): min(seconds / max(total - reserved, total / 2), 1)
        }
    }

    /// The step's request to the source.
    func request(at step: Int, fraction: Double) -> Prefetcher.Request {
        Prefetcher.Request(
            step: step, count: settings.batchSize, frames: frames(at: step, fraction: fraction) + 1,
            size: settings.cropSize)
    }

    /// Seed of the noise in priors.
    package func noiseSeed(step: Int, sample: Int, frame: Int) -> UInt64 {
        var random = SplitMix(seed: settings.seed, Self.stream, step, sample, frame)
        return random.next()
    }

    /// Place of a sample in the style's texture.
    func textureOffset(step: Int, sample: Int) -> TextureOffset {
        var random = SplitMix(seed: settings.seed, Self.textureStream, step, sample)
        return TextureOffset(x: random.next(below: Self.texturePlaces), y: random.next(below: Self.texturePlaces))
    }

    /// More than a texture has, with its mirror images.
    private static let texturePlaces = 1 << 14

    /// Separates these draws from those of samples and weights.
    private static let stream = 0x706C_616E
    private static let styleStream = 0x7374_796C
    private static let longTermStream = 0x6C6F_6E67
    private static let anchorStream = 0x616E_6368
    private static let textureStream = 0x7465_7874
}
