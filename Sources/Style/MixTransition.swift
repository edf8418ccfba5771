import NeuralNet

/// Has the network paint over what is of an earlier mix of styles, or of other strokes.
///
/// A gated network keeps what is certain in the prior, the old style too. So the prior's certainty is lowered: to nothing
/// where all is new, a little while a slider moves, and until hardly anything old is left.
struct MixTransition {
    /// Least part of the prior that is painted over in a frame.
    private static let least: Float = 0.15
    /// Part that is painted over for each part of the mix that changes: a slow slider is followed within half a second.
    private static let speed: Float = 8
    /// What is not worth painting over.
    private static let hardlyAny: Float = 0.01

    /// Part of the painting that is of an earlier mix, 0 to 1.
    private var old: Float = 0
    private var change: Float = 0

    /// Whether something old is left.
    var isRunning: Bool { old > Self.hardlyAny }

    /// Notes that a part of the mix has changed, 0 to 1.
    mutating func begin(_ part: Float) {
        old = min(1, old + part)
        change = part
    }

    mutating func end() { (old, change) = (0, 0) }

    /// The prior of the next frame, with what stays of its certainty; nil: nothing does.
    mutating func prior(_ prior: Prior) -> Prior? {
        guard isRunning else { return prior }
        let kept = max(0, 1 - max(Self.least, Self.speed * change))
        (old, change) = (old * kept, 0)
        guard kept > 0 else { return nil }
        var result = prior
        for index in result.certainty.values.indices { result.certainty.values[index] *= kept }
        return result
    }
}

extension Model {
    /// The part in which two mixes differ, 0 to 1: 1 if one of them is empty or wrong.
    func difference(of mix: String, from other: String) -> Float {
        guard !mix.isEmpty, !other.isEmpty, let shares = try? StyleMix(parsing: mix).shares(of: self),
            let others = try? StyleMix(parsing: other).shares(of: self)
        else { return 1 }
        return zip(shares, others).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    }
}
