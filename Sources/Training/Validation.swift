import Imaging
import NeuralNet

/// Pictures and clips held back, to see how a network does on what it was not trained on.
public struct Validation: Sendable {
    /// Recursive frames after which clips are looked at.
    public static let depths = [1, 10, 50]

    /// In network space, each of any size; those of one size share a network.
    public var photographs: [Image]
    /// Of as many frames as there are: those that ``depths`` reach are looked at.
    public var clips: [TrainingSequence]
    /// Steps between two looks, besides the one at the end.
    public var interval: Int

    public init(photographs: [Image] = [], clips: [TrainingSequence] = [], interval: Int = 250) {
        self.photographs = photographs
        self.clips = clips
        self.interval = interval
    }
}
