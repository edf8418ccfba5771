/// A field of the state, by its name in JSON. All that changes fields goes by this table.
package enum StudioField: String, CaseIterable, Sendable {
    case style, secondStyle, blend, strength, coherence, fade, preserveColor, brush, isOriginal, isRecording
    case mask, isMasked, invertMask, bpm

    /// Where the field lies, and what it may hold.
    package enum Place {
        case name(WritableKeyPath<StudioState, String>, of: String)
        case number(WritableKeyPath<StudioState, Double>, ClosedRange<Double>)
        case flag(WritableKeyPath<StudioState, Bool>)
    }

    package var place: Place {
        switch self {
        case .style: .name(\.style, of: "style")
        case .secondStyle: .name(\.secondStyle, of: "style")
        case .blend: .number(\.blend, 0...1)
        case .strength: .number(\.strength, 0...1)
        case .coherence: .number(\.coherence, -4...4)
        case .fade: .number(\.fade, 0...60)
        case .preserveColor: .flag(\.preserveColor)
        case .brush: .number(\.brush, 0.5...2)
        case .isOriginal: .flag(\.isOriginal)
        case .isRecording: .flag(\.isRecording)
        case .mask: .name(\.mask, of: "mask")
        case .isMasked: .flag(\.isMasked)
        case .invertMask: .flag(\.invertMask)
        case .bpm: .number(\.bpm, BeatClock.tempos)
        }
    }

    /// What the field does, in a few words.
    package var meaning: String {
        switch self {
        case .style: "name of the style"
        case .secondStyle: "style that is blended in, of the same model; empty: none"
        case .blend: "share of the second style"
        case .strength: "input (0) to painting (1)"
        case .coherence: "steadier above 0, livelier below"
        case .fade: "seconds that a change of style takes"
        case .preserveColor: "whether the input's colors are kept"
        case .brush: "size of the strokes"
        case .isOriginal: "whether the input is shown as it is"
        case .isRecording: "whether a recording runs"
        case .mask: "name of the picture that says where to paint; empty: everywhere"
        case .isMasked: "whether the mask counts"
        case .invertMask: "whether it is painted where the mask is black"
        case .bpm: "tempo in beats a minute"
        }
    }

    /// What its values are, in words.
    var kind: String {
        switch place {
        case .name(_, let what): "the name of a \(what)"
        case .number: "a number"
        case .flag: "true or false"
        }
    }

    /// The range of a number; nil for other fields.
    package var range: ClosedRange<Double>? {
        if case .number(_, let range) = place { range } else { nil }
    }

    /// The number of a field that holds one.
    func number(in state: StudioState) -> Double? {
        if case .number(let path, _) = place { state[keyPath: path] } else { nil }
    }

    /// The field's value.
    package func value(in state: StudioState) -> StudioValue {
        switch place {
        case .name(let path, _): .text(state[keyPath: path])
        case .number(let path, _): .number(state[keyPath: path])
        case .flag(let path): .flag(state[keyPath: path])
        }
    }
}

/// A value of a field.
package enum StudioValue: Equatable, Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)
}
