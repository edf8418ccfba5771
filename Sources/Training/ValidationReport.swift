/// How a network does on pictures and clips that it was not trained on.
public struct ValidationReport: Sendable, Equatable, Codable {
    /// Losses of a picture, unweighted.
    public struct Losses: Sendable, Equatable, Codable {
        public var content: Double
        public var style: Double

        public init(content: Double, style: Double) {
            self.content = content
            self.style = style
        }
    }

    /// After some frames of recursion, the mean over all clips.
    public struct Recursion: Sendable, Equatable, Codable {
        /// How many frames after the first.
        public var frames: Int
        /// Of that frame's picture.
        public var losses: Losses
        /// Of the same frame on its own, with an empty prior.
        public var perFrame: Losses
        /// Mean squared error against the warped picture before, 0...1, over consistent pixels (`TemporalError`), of the frames
        /// since the previous entry.
        public var temporalError: Double
        /// Of the same frames on their own.
        public var perFrameTemporalError: Double

        /// Over that of each frame on its own; 1 where neither has an error.
        public var temporalRatio: Double { ratio(temporalError, perFrameTemporalError) }
        public var contentRatio: Double { ratio(losses.content, perFrame.content) }
        public var styleRatio: Double { ratio(losses.style, perFrame.style) }

        private func ratio(_ value: Double, _ base: Double) -> Double {
            base > 0 ? value / base : value > 0 ? .infinity : 1
        }
    }

    /// Steps that were done.
    public var step: Int
    /// Of photographs on their own; nil: there are none.
    public var photographs: Losses?
    /// By their frames; empty where there are no clips. Of an image model, which has no recursion, each frame on its own.
    public var recursion: [Recursion]

    public init(step: Int, photographs: Losses?, recursion: [Recursion]) {
        self.step = step
        self.photographs = photographs
        self.recursion = recursion
    }
}
