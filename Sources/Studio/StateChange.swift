import FoundationEssentials
import Support

/// New values for some fields of the state. Each value fits its field.
package struct StateChange: Equatable, Sendable {
    package private(set) var values: [StudioField: StudioValue] = [:]

    /// Changes nothing.
    package init() {}

    /// Changes one field.
    /// - Throws: ``StudioError`` as ``set(_:to:)``.
    package init(_ field: StudioField, _ value: StudioValue) throws(StudioError) {
        try set(field, to: value)
    }

    /// What makes a state of any other.
    package init(_ state: StudioState, fields: [StudioField] = StudioField.allCases) {
        for field in fields { values[field] = field.value(in: state) }
    }

    /// - Parameter json: an object with any of the state's fields.
    /// - Throws: ``StudioError``: which field is wrong, and why.
    package init(json: [UInt8]) throws(StudioError) {
        self = try StudioJSON.decode(StateChange.self, from: json)
    }

    /// The fields that change.
    package var fields: Set<StudioField> { Set(values.keys) }

    /// Sets a field. A flag takes a number, too: from 0.5 on it is set.
    /// - Throws: ``StudioError`` if the value is of another kind or out of range.
    package mutating func set(_ field: StudioField, to value: StudioValue) throws(StudioError) {
        switch (field.place, value) {
        case (.name, .text(let name)):
            guard name.utf8.count <= 200 else { throw StudioError("\(field.rawValue): longer than 200 bytes") }
        case (.number(_, let range), .number(let number)):
            guard range.contains(number) else {
                throw StudioError(
                    "\(field.rawValue): \(text(number)) is not within \(text(range.lowerBound)) to \(text(range.upperBound))"
                )
            }
        case (.flag, .flag): break
        case (.flag, .number(let number)):
            values[field] = .flag(number >= 0.5)
            return
        default: throw StudioError("\(field.rawValue): give \(field.kind)")
        }
        values[field] = value
    }

    /// This change and then another.
    package func followed(by later: StateChange) -> StateChange {
        var result = self
        result.values.merge(later.values) { $1 }
        return result
    }

    /// This change without some fields.
    func without(_ fields: Set<StudioField>) -> StateChange {
        var result = self
        result.values = values.filter { !fields.contains($0.key) }
        return result
    }

    /// The state after the change. A new style of another model takes the second style away.
    ///
    /// - Parameters:
    ///   - styles: those that can be chosen.
    ///   - masks: names of those that can be chosen.
    /// - Throws: ``StudioError`` if a style or mask is unknown, with the nearest name, or two styles cannot be blended.
    package func applied(
        to state: StudioState, styles: [StudioStyle], masks: [String] = []
    ) throws(StudioError) -> StudioState {
        var next = state
        for (field, value) in values {
            switch (field.place, value) {
            case (.name(let path, _), .text(let text)): next[keyPath: path] = text
            case (.number(let path, _), .number(let number)): next[keyPath: path] = number
            case (.flag(let path), .flag(let flag)): next[keyPath: path] = flag
            default: break
            }
        }
        if values[.mask] != nil, !next.mask.isEmpty, !masks.contains(next.mask) {
            throw unknown(next.mask, .mask, masks)
        }
        guard values[.style] != nil || values[.secondStyle] != nil else { return next }
        let style = styles.first { $0.name == next.style }
        if values[.style] != nil && style == nil { throw unknown(next.style, .style, styles.map(\.name)) }
        guard !next.secondStyle.isEmpty else { return next }
        let second = styles.first { $0.name == next.secondStyle }
        if let style, let second, style.model == second.model { return next }
        if values[.secondStyle] != nil {
            guard let style, let second else { throw unknown(next.secondStyle, .secondStyle, styles.map(\.name)) }
            throw unblendable(style, second, styles)
        }
        next.secondStyle = ""
        return next
    }

    private func unknown(_ name: String, _ field: StudioField, _ names: [String]) -> StudioError {
        guard case .name(_, let kind) = field.place, let nearest = nearestName(to: name, in: names) else {
            return StudioError("\(field.rawValue): \(shown(name)) is not there, nor any other")
        }
        return StudioError("\(field.rawValue): there is no \(kind) \(shown(name)); the nearest is \(shown(nearest))")
    }

    private func unblendable(_ style: StudioStyle, _ second: StudioStyle, _ styles: [StudioStyle]) -> StudioError {
        let others = styles.filter { $0.model == style.model && $0.name != style.name }.map(\.name)
        let names = others.prefix(12).joined(separator: ", ") + (others.count > 12 ? " …" : "")
        return StudioError(
            "secondStyle: \(shown(second.name)) is of another model than \(shown(style.name)), with which "
                + (others.isEmpty ? "none can be blended" : "these can be blended: \(names)"))
    }
}

extension StateChange: Codable {
    package init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: StudioJSON.Key.self) else {
            throw StudioError(
                StudioJSON.place(decoder.codingPath) + "give an object of fields, such as {\"strength\": 0.5}")
        }
        for key in container.allKeys {
            guard let field = StudioField(rawValue: key.stringValue) else {
                let nearest = nearestName(to: key.stringValue, in: StudioField.allCases.map(\.rawValue)) ?? ""
                throw StudioError(
                    StudioJSON.place(decoder.codingPath)
                        + "there is no field \(shown(key.stringValue)); the nearest is \(shown(nearest))")
            }
            // Each decoder fails quietly where the value is of another kind.
            let value: StudioValue? =
                switch field.place {
                case .name: (try? container.decode(String.self, forKey: key)).map(StudioValue.text)
                case .number: (try? container.decode(Double.self, forKey: key)).map(StudioValue.number)
                case .flag: (try? container.decode(Bool.self, forKey: key)).map(StudioValue.flag)
                }
            do throws(StudioError) {
                guard let value else { throw StudioError("\(field.rawValue): give \(field.kind)") }
                try set(field, to: value)
            } catch { throw StudioError(StudioJSON.place(decoder.codingPath) + error.description) }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: StudioJSON.Key.self)
        for (field, value) in values {
            let key = StudioJSON.Key(stringValue: field.rawValue)
            switch value {
            case .text(let text): try container.encode(text, forKey: key)
            case .number(let number): try container.encode(number, forKey: key)
            case .flag(let flag): try container.encode(flag, forKey: key)
            }
        }
    }
}
