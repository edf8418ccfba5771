/// Length of a training run.
public enum TrainingLength: Sendable, Equatable {
    /// A number of steps: the same settings give the same model, byte for byte.
    case steps(Int)
    /// Training time in seconds, including time before an interruption; the number of steps depends on the machine.
    case seconds(Double)
}

extension TrainingLength: Codable {
    private enum CodingKeys: String, CodingKey { case steps, seconds }

    /// Reads an object with one number, `steps` or `seconds`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let steps = try container.decodeIfPresent(Int.self, forKey: .steps) {
            self = .steps(steps)
        } else {
            self = .seconds(try container.decode(Double.self, forKey: .seconds))
        }
    }

    /// Writes an object with one number, `steps` or `seconds`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .steps(let steps): try container.encode(steps, forKey: .steps)
        case .seconds(let seconds): try container.encode(seconds, forKey: .seconds)
        }
    }
}

/// Number of recursive frames of a sample, by the share of the training done.
///
/// Frames after the first are counted: 1 trains on pairs, as in the paper's first method. With more, the network runs
/// on its own outputs before the loss is computed (paper 5.2.2). 0 is a single frame.
///
/// Written as `0:1,50%:2,70%:4`: the start of a stage, in steps or as a share of the training, and the number of
/// frames. With `1/2/4` one of the numbers is drawn for each step.
public struct FrameSchedule: Sendable, Equatable {
    /// Start of a stage.
    public enum Start: Sendable, Equatable {
        case step(Int)
        /// Share of the training done, 0...1.
        case fraction(Double)
    }

    /// A stage of the schedule.
    public struct Stage: Sendable, Equatable {
        /// Where the stage starts.
        public let start: Start
        /// One or more numbers, from which one is drawn.
        public let frames: [Int]
    }

    /// The first starts at 0; the last one that has started applies.
    public let stages: [Stage]
    /// As written by the user.
    public let description: String

    /// 1 to 8 frames from the start, which prevents a gated network from copying the prior forever.
    public static let mixed = FrameSchedule(
        stages: [Stage(start: .step(0), frames: [1, 2, 4, 8])], description: "0:1/2/4/8")

    /// Maximum number of frames; more take too much time and memory.
    public static let largest = 64

    private init(stages: [Stage], description: String) {
        self.stages = stages
        self.description = description
    }

    /// - Throws: ``TrainingError/settings(_:)`` with the invalid text.
    public init(parsing text: String) throws(TrainingError) {
        func unreadable(_ word: Substring) -> TrainingError {
            .settings([
                "\"\(word)\" in the frames \"\(text)\" is not START:COUNT; write for example 0:1,50%:2,70%:4, "
                    + "with 0 to \(Self.largest) frames, or several to draw from as in 0:1/2/4."
            ])
        }
        var stages: [Stage] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let start = Self.start(parts[0]) else { throw unreadable(word) }
            let frames = parts[1].split(separator: "/", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
            guard !frames.isEmpty, frames.allSatisfy({ 0...Self.largest ~= $0 }) else { throw unreadable(word) }
            stages.append(Stage(start: start, frames: frames))
        }
        guard let first = stages.first?.start, first == .step(0) || first == .fraction(0) else {
            throw .settings(["The frames \"\(text)\" must begin with 0:COUNT."])
        }
        self.init(stages: stages, description: text)
    }

    private static func start(_ text: Substring) -> Start? {
        if text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), 0...100 ~= percent else { return nil }
            return .fraction(percent / 100)
        }
        guard let step = Int(text), step >= 0 else { return nil }
        return .step(step)
    }

    /// Numbers to draw from for a step, counted from 0.
    ///
    /// - Parameter fraction: share of the training done, 0...1.
    public func frames(at step: Int, fraction: Double) -> [Int] {
        let begun = stages.last { stage in
            switch stage.start {
            case .step(let first): step >= first
            case .fraction(let first): fraction >= first
            }
        }
        return begun?.frames ?? [1]
    }

    /// The largest number of frames of any step.
    public var maximumFrames: Int { stages.flatMap(\.frames).max() ?? 1 }
}

extension FrameSchedule: Codable {
    /// Reads the text that ``init(parsing:)`` parses.
    public init(from decoder: any Decoder) throws {
        self = try FrameSchedule(parsing: decoder.singleValueContainer().decode(String.self))
    }

    /// Writes ``description``, a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A factor for a setting, in stages.
///
/// Written as `60%:0.5,85%:0.15`: the share of the training done at which a stage starts, and its factor. Before the
/// first stage the factor is 1. Empty: always 1.
public struct FactorSchedule: Sendable, Equatable {
    /// A stage of the schedule.
    public struct Stage: Sendable, Equatable {
        /// Share of the training done, 0...1.
        public let start: Double
        /// Factor from `start` on.
        public let factor: Double
    }

    /// The last one that has started applies.
    public let stages: [Stage]
    /// As written by the user.
    public let description: String

    /// 1 up to 60 %, 0.5 up to 85 %, then 0.15; for the learning rate.
    public static let falling = FactorSchedule(
        stages: [Stage(start: 0.6, factor: 0.5), Stage(start: 0.85, factor: 0.15)], description: "60%:0.5,85%:0.15")
    /// Always 0.1; for convolutions that know many styles, so that norms learn most of a new one.
    public static let adapting = FactorSchedule(stages: [Stage(start: 0, factor: 0.1)], description: "0%:0.1")
    /// Always 1.
    public static let constant = FactorSchedule(stages: [], description: "")

    private init(stages: [Stage], description: String) {
        self.stages = stages
        self.description = description
    }

    /// - Throws: ``TrainingError/settings(_:)`` with the invalid text.
    public init(parsing text: String) throws(TrainingError) {
        var stages: [Stage] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: !text.contains(",")) {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].hasSuffix("%"), let percent = Double(parts[0].dropLast()),
                0...100 ~= percent, let factor = Double(parts[1]), 0...1000 ~= factor
            else {
                throw .settings([
                    "\"\(word)\" in the schedule \"\(text)\" is not PERCENT%:FACTOR; write for example 60%:0.5,85%:0.15."
                ])
            }
            stages.append(Stage(start: percent / 100, factor: factor))
        }
        self.init(stages: stages, description: text)
    }

    /// The factor at a share of the training, 0...1.
    public func factor(at fraction: Double) -> Double { stages.last { fraction >= $0.start }?.factor ?? 1 }
}

extension FactorSchedule: Codable {
    /// Reads the text that ``init(parsing:)`` parses.
    public init(from decoder: any Decoder) throws {
        self = try FactorSchedule(parsing: decoder.singleValueContainer().decode(String.self))
    }

    /// Writes ``description``, a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
