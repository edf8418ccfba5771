import Studio

/// Turns what controllers send into what the studio does.
package struct MIDIMapper: Sendable {
    /// Which control does what.
    package private(set) var mapping: MIDIMapping
    /// The field that the next control that moves is bound to; nil: nothing is learned.
    package private(set) var learning: StudioField?
    /// The first value of each control since learning began: one that only repeats its position is not meant.
    private var resting: [Position: Int] = [:]

    private struct Position: Hashable {
        let channel: Int
        let number: Int
    }

    /// How far a control moves before it is learned: knobs that tremble are not meant.
    private static let leastMove = 4

    package init(mapping: MIDIMapping = .standard, learning: StudioField? = nil) {
        (self.mapping, self.learning) = (mapping, learning)
    }

    /// What an event asks for.
    ///
    /// - Parameter styles: names of the styles that can be chosen, in order.
    /// - Returns: the actions, and the field that was bound to the control by this event, if one was.
    package mutating func actions(for event: MIDIEvent, styles: [String]) -> (
        actions: [StudioAction], learned: StudioField?
    ) {
        var learned: StudioField?
        if let field = learning, case .control(let channel, let number, let value) = event {
            let position = Position(channel: channel, number: number)
            let start = resting[position] ?? value
            resting[position] = start
            guard abs(value - start) >= Self.leastMove || Self.isSwitch(value, start) else { return ([], nil) }
            mapping.bind(control: number, channel: channel, to: field)
            (learning, learned, resting) = (nil, field, [:])
        }
        let bound = mapping.bindings.compactMap { binding in
            binding.value(of: event).map { (binding: binding, value: $0) }
        }
        if bound.isEmpty { return (style(for: event, of: styles).map { [$0] } ?? [], learned) }
        return (bound.compactMap { $0.binding.action(for: $0.value) }, learned)
    }

    /// A pedal or button sends 0 and 127 only, and maybe just one of them.
    private static func isSwitch(_ value: Int, _ start: Int) -> Bool { value == 127 && start == 127 }

    /// Keys and programs without a binding are the styles in their order.
    private func style(for event: MIDIEvent, of styles: [String]) -> StudioAction? {
        let index: Int
        switch event {
        case .note(_, let number, let velocity) where velocity > 0: index = number - MIDIMapping.firstStyle
        case .program(_, let number): index = number
        default: return nil
        }
        guard styles.indices.contains(index) else { return nil }
        return (try? StateChange(.style, .text(styles[index]))).map(StudioAction.change)
    }
}

extension MIDIMapping.Binding {
    /// What a value from 0 to 127 of the control does; nil: nothing.
    fileprivate func action(for value: Int) -> StudioAction? {
        if let name = field, let field = StudioField(rawValue: name) {
            let change: StateChange?
            switch field.place {
            case .number(_, let range):
                let share = Double(value) / 127
                change = try? StateChange(
                    field, .number(range.lowerBound + (range.upperBound - range.lowerBound) * share))
            case .flag:
                // A key sets it as long as it is held.
                change = try? StateChange(field, .flag(note == nil ? value >= 64 : value > 0))
            case .name: change = nil
            }
            return change.map(StudioAction.change)
        }
        // The rest happens when a key or button is pressed.
        guard value > 0, control == nil || value >= 64 else { return nil }
        if let style { return (try? StateChange(.style, .text(style))).map(StudioAction.change) }
        if let preset { return .preset(preset) }
        return action == "tap" ? .tap : .snapshot
    }
}
