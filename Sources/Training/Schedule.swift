/// How long a training takes.
public enum TrainingLength: Sendable, Equatable {
    /// So many steps: the same settings give the same model, byte for byte.
    case steps(Int)
    /// So many seconds of work, those before an interruption counted; how many steps that is, the machine decides.
    case seconds(Double)
}

extension TrainingLength: Codable {
    private enum CodingKeys: String, CodingKey { case steps, seconds }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let steps = try container.decodeIfPresent(Int.self, forKey: .steps) {
            self = .steps(steps)
        } else {
            self = .seconds(try container.decode(Double.self, forKey: .seconds))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .steps(let steps): try container.encode(steps, forKey: .steps)
        case .seconds(let seconds): try container.encode(seconds, forKey: .seconds)
        }
    }
}

/// How many frames a sample is followed through, by the part of the training that is done.
///
/// Frames are counted from the one after the first: 1 trains on pairs, as the paper's first method does; the network runs on
/// its own results so often before the loss is taken (paper 5.2.2). 0 is a single picture.
///
/// Written as `0:1,50%:2,70%:4`: where it begins, in steps or as a part of the whole, and how many; `1/2/4` draws
/// one of several anew for each step.
public struct FrameSchedule: Sendable, Equatable {
    /// Where a stage begins.
    public enum Start: Sendable, Equatable {
        case step(Int)
        /// 0...1.
        case part(Double)
    }

    public struct Stage: Sendable, Equatable {
        public let start: Start
        /// One or more numbers, of which one is drawn.
        public let frames: [Int]
    }

    /// The first begins at 0; of two that have begun, the later counts.
    public let stages: [Stage]
    /// As it was written.
    public let description: String

    /// 1 to 8 frames from the start: what keeps a gated network from copying for ever. Up to 16 in the last quarter.
    public static let mixed = FrameSchedule(
        stages: [
            Stage(start: .step(0), frames: [1, 2, 3, 4, 6, 8]), Stage(start: .part(0.75), frames: [1, 2, 4, 8, 16]),
        ], description: "0:1/2/3/4/6/8,75%:1/2/4/8/16")

    /// More take too long for what they teach, and more memory.
    public static let largest = 64

    private init(stages: [Stage], description: String) {
        self.stages = stages
        self.description = description
    }

    /// - Throws: ``TrainingError/settings(_:)`` that says which part cannot be read.
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
        guard let first = stages.first?.start, first == .step(0) || first == .part(0) else {
            throw .settings(["The frames \"\(text)\" must begin with 0:COUNT."])
        }
        self.init(stages: stages, description: text)
    }

    private static func start(_ text: Substring) -> Start? {
        if text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), 0...100 ~= percent else { return nil }
            return .part(percent / 100)
        }
        guard let step = Int(text), step >= 0 else { return nil }
        return .step(step)
    }

    /// The most that any stage draws from.
    var most: Int { stages.reduce(0) { max($0, $1.frames.max() ?? 0) } }

    /// What to draw from for a step, counted from 0.
    ///
    /// - Parameter part: of the training that is done, 0...1.
    public func frames(at step: Int, part: Double) -> [Int] {
        let begun = stages.last { stage in
            switch stage.start {
            case .step(let first): step >= first
            case .part(let first): part >= first
            }
        }
        return begun?.frames ?? [1]
    }

    /// The most that any step takes.
    public var mostFrames: Int { stages.flatMap(\.frames).max() ?? 1 }
}

extension FrameSchedule: Codable {
    public init(from decoder: any Decoder) throws {
        self = try FrameSchedule(parsing: decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What a setting is multiplied by, in stages.
///
/// Written as `60%:0.5,85%:0.15`: the part of the training that is done when a stage begins, and its factor; before the
/// first the factor is 1. Empty: it stays the same.
public struct FactorSchedule: Sendable, Equatable {
    public struct Stage: Sendable, Equatable {
        /// 0...1.
        public let start: Double
        public let factor: Double
    }

    /// Of two that have begun, the later counts.
    public let stages: [Stage]
    /// As it was written.
    public let description: String

    /// Whole up to 60 %, half up to 85 %, then 0.15: a learning rate.
    public static let falling = FactorSchedule(
        stages: [Stage(start: 0.6, factor: 0.5), Stage(start: 0.85, factor: 0.15)], description: "60%:0.5,85%:0.15")
    public static let constant = FactorSchedule(stages: [], description: "")

    private init(stages: [Stage], description: String) {
        self.stages = stages
        self.description = description
    }

    /// - Throws: ``TrainingError/settings(_:)`` that says which part cannot be read.
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

    public func factor(at part: Double) -> Double { stages.last { part >= $0.start }?.factor ?? 1 }
}

extension FactorSchedule: Codable {
    public init(from decoder: any Decoder) throws {
        self = try FactorSchedule(parsing: decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
