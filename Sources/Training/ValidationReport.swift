/// Losses of a network on held-out images and clips.
public struct ValidationReport: Sendable, Equatable, Codable {
    /// Losses of an output, unweighted.
    public struct Losses: Sendable, Equatable, Codable {
        /// `ContentLoss`, summed over its layers.
        public var content: Double
        /// `StyleLoss`, summed over its layers.
        public var style: Double

        package init(content: Double, style: Double) {
            self.content = content
            self.style = style
        }
    }

    /// Losses after a number of recursive frames, averaged over all clips.
    public struct Recursion: Sendable, Equatable, Codable {
        /// Number of frames after the first.
        public var frames: Int
        /// Losses of that frame.
        public var losses: Losses
        /// Losses of the same frame by itself, with an empty prior.
        public var perFrame: Losses
        /// Mean squared error against the warped previous output, for values in 0...1, over consistent pixels
        /// (`TemporalError`); mean over the frames since the previous entry.
        public var temporalError: Double
        /// The same for outputs without a prior.
        public var perFrameTemporalError: Double

        /// Temporal error relative to that without a prior; 1 if both are 0.
        public var temporalRatio: Double { ratio(temporalError, perFrameTemporalError) }
        /// Content loss relative to that without a prior.
        public var contentRatio: Double { ratio(losses.content, perFrame.content) }
        /// Style loss relative to that without a prior.
        public var styleRatio: Double { ratio(losses.style, perFrame.style) }

        private func ratio(_ value: Double, _ base: Double) -> Double {
            base > 0 ? value / base : value > 0 ? .infinity : 1
        }
    }

    /// Number of finished steps.
    public var step: Int
    /// Mean over photographs; nil: there are none.
    public var photographs: Losses?
    /// Sorted by number of frames; empty if there are no clips. An image model has no recursion: each frame is stylized
    /// by itself.
    public var recursion: [Recursion]

    package init(step: Int, photographs: Losses?, recursion: [Recursion]) {
        self.step = step
        self.photographs = photographs
        self.recursion = recursion
    }
}
