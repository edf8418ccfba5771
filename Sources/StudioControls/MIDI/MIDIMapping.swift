import Studio
import Support

/// Which control does what, as a file in JSON says it:
///
///     {"bindings": [
///         {"control": 1, "field": "strength"},
///         {"control": 64, "channel": 2, "field": "isOriginal"},
///         {"note": 36, "style": "scream"},
///         {"note": 48, "action": "tap"},
///         {"program": 3, "preset": "calm"}]}
package struct MIDIMapping: Codable, Equatable, Sendable {
    package var bindings: [Binding]

    package init(bindings: [Binding]) { self.bindings = bindings }

    /// One control, and what it does.
    package struct Binding: Codable, Equatable, Sendable {
        /// Number of a control change, 0 to 127. One of `control`, `note` and `program` is given.
        package var control: Int?
        /// Number of a key, 0 to 127.
        package var note: Int?
        /// Number of a program, 0 to 127.
        package var program: Int?
        /// 1 to 16; nil: all.
        package var channel: Int?
        /// A field that holds a number or a flag. One of `field`, `style`, `preset` and `action` is given.
        package var field: String?
        /// Name of a style that is chosen.
        package var style: String?
        /// Name of a preset that is applied.
        package var preset: String?
        /// `tap` or `snapshot`.
        package var action: String?

        package init(control: Int, channel: Int? = nil, field: StudioField) {
            (self.control, self.channel, self.field) = (control, channel, field.rawValue)
        }
    }

    /// What is played without a file: the modulation wheel is the strength, and the controls that keyboards and desks have
    /// beside it.
    package static let standard = MIDIMapping(bindings: [
        Binding(control: 1, field: .strength), Binding(control: 7, field: .blend),
        Binding(control: 71, field: .coherence), Binding(control: 72, field: .fade),
        Binding(control: 74, field: .brush), Binding(control: 64, field: .isOriginal),
    ])

    /// The key of the first style, C2 on most keyboards; each further key is the next style, unless a binding says
    /// otherwise.
    package static let firstStyle = 36

    // MARK: - Files

    private static let largestFile = 1 << 20

    /// Reads a file.
    ///
    /// - Throws: ``StudioError`` if it cannot be read, or a binding is wrong: which one, and why.
    package init(contentsOf path: String) throws(StudioError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: Self.largestFile) } catch { throw StudioError("\(error)") }
        do throws(StudioError) {
            self = try StudioJSON.decode(MIDIMapping.self, from: bytes)
            for (index, binding) in bindings.enumerated() {
                if let problem = binding.problem { throw StudioError("binding \(index + 1): \(problem)") }
            }
        } catch { throw StudioError("\(path): \(error)") }
    }

    /// Writes a file, whole or not at all.
    ///
    /// - Throws: ``StudioError``.
    package func write(to path: String) throws(StudioError) {
        do { try Files.write(StudioJSON.encode(self, isPretty: true) + [0x0A], to: path) } catch {
            throw StudioError("\(error)")
        }
    }

    /// Binds a control to a field, in place of what either was bound to before.
    mutating func bind(control: Int, channel: Int, to field: StudioField) {
        bindings.removeAll { binding in
            binding.field == field.rawValue && binding.control != nil
                || binding.control == control && (binding.channel ?? channel) == channel
        }
        bindings.append(Binding(control: control, channel: channel, field: field))
    }
}

extension MIDIMapping.Binding {
    /// What is wrong with it; nil: nothing.
    var problem: String? {
        let numbers = [control, note, program].compactMap(\.self)
        guard numbers.count == 1 else { return "give one of control, note and program" }
        guard (0...127).contains(numbers[0]) else { return "numbers are 0 to 127, not \(numbers[0])" }
        if let channel, !(1...16).contains(channel) { return "channels are 1 to 16, not \(channel)" }
        guard [field, style, preset, action].compactMap(\.self).count == 1 else {
            return "give one of field, style, preset and action"
        }
        if let action, !["tap", "snapshot"].contains(action) { return "the actions are tap and snapshot" }
        if let field {
            guard let known = StudioField(rawValue: field) else { return "there is no field “\(field.prefix(40))”" }
            if case .name = known.place {
                return "the field \(field) is a name, and controls give numbers: give style and its name, or a preset"
            }
            if program != nil { return "a program chooses a style or a preset, and moves no field" }
        }
        return nil
    }

    /// Whether it is for an event, and the event's value, 0 to 127.
    func value(of event: MIDIEvent) -> Int? {
        func isFor(_ number: Int?, _ other: Int, _ channel: Int) -> Bool {
            number == other && (self.channel ?? channel) == channel
        }
        switch event {
        case .control(let channel, let number, let value): return isFor(control, number, channel) ? value : nil
        case .note(let channel, let number, let velocity): return isFor(note, number, channel) ? velocity : nil
        case .program(let channel, let number): return isFor(program, number, channel) ? 127 : nil
        }
    }
}
