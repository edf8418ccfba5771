import ArgumentParser
import GStreamerKit
import GstPentimento

extension Option {
    /// An option for a property of an element, from which it has its name, help, default and allowed values. A value may
    /// begin with a minus sign.
    ///
    ///     @Option(StyleOptimize.blend) var blend
    ///
    /// - Parameters:
    ///   - name: another name than the property's.
    ///   - value: another default than the property's.
    init<T>(_ property: Property<T>, name: String? = nil, default value: T? = nil) where Value == TypedSetting<T> {
        let initial = TypedSetting(property, value ?? property.defaultValue)
        self.init(
            wrappedValue: initial, name: .customLong(name ?? property.name), parsing: .unconditional,
            help: property.help(default: initial.text), completion: property.completion,
            transform: property.setting(parsing:))
    }

    /// An option for a property of `styleoptimize`.
    init<T>(_ property: SettingsProperty<T>) where Value == TypedSetting<T> { self.init(property.property) }

    /// An option that leaves the property alone if it is not given.
    ///
    /// - Parameter text: what happens then; nil: the property's default.
    init<T>(optional property: Property<T>, name: String? = nil, default text: String? = nil)
    where Value == TypedSetting<T>? {
        self.init(
            name: .customLong(name ?? property.name), parsing: .unconditional,
            help: property.help(default: text ?? TypedSetting(property, property.defaultValue).text),
            completion: property.completion, transform: property.setting(parsing:))
    }
}

extension Flag where Value == Bool {
    /// A flag that sets a property, which is otherwise false.
    init(_ property: Property<Bool>) {
        self.init(wrappedValue: false, name: .customLong(property.name), help: property.help())
    }
}

extension ParsableArguments {
    /// The settings of all options that are declared with a property, in the order of the declarations.
    var propertySettings: [any PropertySetting] {
        Mirror(reflecting: self).children.compactMap { ($0.value as? any SettingOption)?.setting }
    }
}

/// An option whose value may be a property's setting.
private protocol SettingOption {
    var setting: (any PropertySetting)? { get }
}

extension Option: SettingOption {
    fileprivate var setting: (any PropertySetting)? { wrappedValue as? any PropertySetting }
}

extension Property {
    /// - Throws: `ValidationError` with the allowed values.
    @Sendable fileprivate func setting(parsing text: String) throws -> TypedSetting<Value> {
        guard let value = value(parsing: text) else {
            throw ValidationError("allowed values are \(specification.kind.allowedValues)")
        }
        return TypedSetting(self, value)
    }

    /// The property's description, its allowed values, and a default.
    fileprivate func help(default text: String = "") -> ArgumentHelp {
        var notes: [String] = []
        var choices: String?
        switch specification.kind {
        case .boolean, .string: break
        case .integer, .unsigned, .double: notes.append("values: \(specification.kind.allowedValues)")
        case .choice(let type, _): choices = type.cases.map { "\($0.nick) - \($0.blurb)" }.joined(separator: "\n")
        }
        if !text.isEmpty { notes.append("default: \(text)") }
        let note = notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
        return ArgumentHelp("\(specification.blurb).\(note)", discussion: choices)
    }

    fileprivate var completion: CompletionKind? {
        guard case .choice(let type, _) = specification.kind else { return nil }
        return .list(type.cases.map(\.nick))
    }
}
