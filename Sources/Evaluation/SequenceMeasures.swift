import Imaging

/// The measures of a stylized sequence, frame by frame.
public struct SequenceMeasures: Sendable, Equatable {
    /// The measures of one frame.
    public struct Frame: Sendable, Equatable {
        /// Counted from 0.
        public let index: Int
        /// What could be measured of it.
        public let values: [Measure: Double]

        /// - Parameter index: counted from 0.
        public init(index: Int, values: [Measure: Double]) {
            self.index = index
            self.values = values
        }
    }

    /// In order.
    public let frames: [Frame]
    /// The pairs of frames that were left out because their motion is not known.
    public let skipped: [EarlierFrame: Int]

    /// - Parameter skipped: the pairs that were left out.
    public init(frames: [Frame], skipped: [EarlierFrame: Int] = [:]) {
        self.frames = frames
        self.skipped = skipped
    }

    /// What was measured of at least one frame, in the order of a table.
    public var measures: [Measure] { Set(frames.flatMap(\.values.keys)).sorted() }

    /// The mean over the frames that have the measure; nil if none has.
    public func mean(_ measure: Measure) -> Double? {
        // The root of the mean square, not the mean of the roots.
        if case .warpingRoot(let earlier) = measure { return mean(.warping(earlier))?.squareRoot() }
        let values = frames.compactMap { $0.values[measure] }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// The number of frames that have the measure.
    public func count(_ measure: Measure) -> Int { frames.count { $0.values[measure] != nil } }

    /// The mean over that of a baseline, 1: equal; nil if one is missing or the baseline's is 0.
    public func share(_ measure: Measure, of baseline: SequenceMeasures) -> Double? {
        guard let value = mean(measure), let base = baseline.mean(measure), base != 0 else { return nil }
        return value / base
    }

    /// The temporal errors against one kind of earlier frame; nil if none was measured.
    public func temporalReport(_ earlier: EarlierFrame = .before(1)) -> TemporalReport? {
        let pairs = frames.compactMap { frame -> TemporalReport.Pair? in
            guard let index = earlier.index(for: frame.index),
                let consistent = frame.values[.temporal(earlier)],
                let all = frame.values[.temporalOverAll(earlier)],
                let part = frame.values[.consistent(earlier)]
            else { return nil }
            let error = TemporalError(
                overConsistentPixels: consistent, overAllPixels: all, consistentPart: part)
            return TemporalReport.Pair(frame: index, error: error)
        }
        return pairs.isEmpty ? nil : TemporalReport(pairs: pairs)
    }
}
