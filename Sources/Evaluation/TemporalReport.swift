import Flow
import Imaging

/// Why something cannot be measured.
public struct EvaluationError: Error, Equatable, CustomStringConvertible {
    /// One line with the cause, and the file or frame.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Temporal errors of a stylized sequence, for each pair of consecutive frames.
public struct TemporalReport: Sendable, Codable, Equatable {
    /// Two consecutive frames.
    public struct Pair: Sendable, Codable, Equatable {
        /// Index of the earlier frame, counted from 0.
        public var frame: Int
        /// Temporal error of the pair.
        public var error: TemporalError

        /// - Parameter frame: index of the earlier frame, counted from 0.
        public init(frame: Int, error: TemporalError) {
            self.frame = frame
            self.error = error
        }
    }

    /// One entry per pair that has a motion, in order.
    public var pairs: [Pair]
    /// Mean over all pairs.
    public var mean: TemporalError

    /// Averages the errors of `pairs`; the mean of none is 0.
    public init(pairs: [Pair]) {
        self.pairs = pairs
        func mean(_ value: (TemporalError) -> Double) -> Double {
            pairs.isEmpty ? 0 : pairs.reduce(0) { $0 + value($1.error) } / Double(pairs.count)
        }
        self.mean = TemporalError(
            overConsistentPixels: mean(\.overConsistentPixels), overAllPixels: mean(\.overAllPixels),
            consistentPart: mean(\.consistentPart))
    }

    /// Which of the two frames is warped.
    public enum Direction: Sendable {
        /// The later frame is warped to the earlier one, by the flow from the earlier to the later frame; for ground
        /// truth, and as in the paper.
        case forward
        /// The earlier frame is warped to the later one, by the flow from the later to the earlier frame.
        case backward
    }

    /// Measures a sequence of at least two frames; two are in memory at a time.
    /// - Parameters:
    ///   - count: number of frames.
    ///   - direction: the flow that `motion` returns.
    ///   - stylized: returns the stylized frame of an index, counted from 0, in 0...255; called once per frame, in
    ///     order.
    ///   - motion: returns the motion between frames `i` and `i + 1`, resampled if needed; nil skips the pair.
    ///   - progress: called after each pair with the number of finished frames.
    /// - Throws: ``EvaluationError`` if there is nothing to measure or the frame size changes, and errors of the
    ///   closures.
    public init(
        count: Int, direction: Direction, threads: Int = 0, stylized: (Int) throws -> Image,
        motion: (Int) throws -> Motion?, progress: (Int) -> Void = { _ in }
    ) throws {
        guard count >= 2 else { throw EvaluationError("a temporal error needs at least two frames, not \(count)") }
        var pairs: [Pair] = []
        var earlier = try stylized(0)
        for index in 0..<count - 1 {
            let later = try stylized(index + 1)
            guard later.width == earlier.width, later.height == earlier.height, later.channels == earlier.channels
            else {
                throw EvaluationError(
                    "frame \(index + 2) is \(later.width) x \(later.height), the one before \(earlier.width) x "
                        + "\(earlier.height): stylize them at one size")
            }
            if let motion = try motion(index)?.resized(width: later.width, height: later.height, threads: threads) {
                let (target, source) = direction == .forward ? (earlier, later) : (later, earlier)
                let error = temporalError(
                    of: target, against: source, flow: motion.flow, certainty: motion.certainty, threads: threads)
                pairs.append(Pair(frame: index, error: error))
            }
            earlier = later
            progress(index + 2)
        }
        guard !pairs.isEmpty else { throw EvaluationError("no two neighbouring frames have a flow between them") }
        self.init(pairs: pairs)
    }
}
