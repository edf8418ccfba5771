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
        case (.style, .text(let name)):
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
        case (.style, _): throw StudioError("\(field.rawValue): give the name of a style")
        case (.number, _): throw StudioError("\(field.rawValue): give a number")
        case (.flag, _): throw StudioError("\(field.rawValue): give true or false")
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
    /// - Parameter styles: those that can be chosen.
    /// - Throws: ``StudioError`` if a style is unknown, with the nearest name, or the two cannot be blended.
    package func applied(to state: StudioState, styles: [StudioStyle]) throws(StudioError) -> StudioState {
        var next = state
        for (field, value) in values {
            switch (field.place, value) {
            case (.style(let path), .text(let text)): next[keyPath: path] = text
            case (.number(let path, _), .number(let number)): next[keyPath: path] = number
            case (.flag(let path), .flag(let flag)): next[keyPath: path] = flag
            default: break
            }
        }
        guard values[.style] != nil || values[.secondStyle] != nil else { return next }
        let style = styles.first { $0.name == next.style }
        if values[.style] != nil && style == nil { throw unknown(next.style, .style, styles) }
        guard !next.secondStyle.isEmpty else { return next }
        let second = styles.first { $0.name == next.secondStyle }
        if let style, let second, style.model == second.model { return next }
        if values[.secondStyle] != nil {
            guard let style, let second else { throw unknown(next.secondStyle, .secondStyle, styles) }
            throw StudioError(
                "secondStyle: \(shown(second.name)) is of the model \(shown(second.model)), and \(shown(style.name)) of "
                    + "\(shown(style.model)); styles of one model can be blended")
        }
        next.secondStyle = ""
        return next
    }

    private func unknown(_ name: String, _ field: StudioField, _ styles: [StudioStyle]) -> StudioError {
        guard let nearest = nearestName(to: name, in: styles.map(\.name)) else {
            return StudioError("\(field.rawValue): there is no style \(shown(name)), nor any other")
        }
        return StudioError("\(field.rawValue): there is no style \(shown(name)); the nearest is \(shown(nearest))")
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
                case .style: (try? container.decode(String.self, forKey: key)).map(StudioValue.text)
                case .number: (try? container.decode(Double.self, forKey: key)).map(StudioValue.number)
                case .flag: (try? container.decode(Bool.self, forKey: key)).map(StudioValue.flag)
                }
            do throws(StudioError) {
                guard let value else {
                    let kind =
                        switch field.place {
                        case .style: "the name of a style"
                        case .number: "a number"
                        case .flag: "true or false"
                        }
                    throw StudioError("\(field.rawValue): give \(kind)")
                }
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
