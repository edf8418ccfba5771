/// A field of the state, by its name in JSON. All that changes fields goes by this table.
package enum StudioField: String, CaseIterable, Sendable {
    case style, secondStyle, blend, strength, coherence, fade, preserveColor, brush, isOriginal, isRecording

    /// Where the field lies, and what it may hold.
    package enum Place {
        case style(WritableKeyPath<StudioState, String>)
        case number(WritableKeyPath<StudioState, Double>, ClosedRange<Double>)
        case flag(WritableKeyPath<StudioState, Bool>)
    }

    package var place: Place {
        switch self {
        case .style: .style(\.style)
        case .secondStyle: .style(\.secondStyle)
        case .blend: .number(\.blend, 0...1)
        case .strength: .number(\.strength, 0...1)
        case .coherence: .number(\.coherence, -4...4)
        case .fade: .number(\.fade, 0...60)
        case .preserveColor: .flag(\.preserveColor)
        case .brush: .number(\.brush, 0.5...2)
        case .isOriginal: .flag(\.isOriginal)
        case .isRecording: .flag(\.isRecording)
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
        case .style(let path): .text(state[keyPath: path])
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
