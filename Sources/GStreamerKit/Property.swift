import CGStreamer

/// Flags of a property. Properties are readable and, without ``readOnly``, writable.
public struct PropertyFlags: OptionSet, Sendable {
    /// GParamFlags, GStreamer's included; bit 31 is ``readOnly``.
    public let rawValue: UInt32
    /// - Parameter rawValue: GParamFlags other than readable and writable.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Can be bound to a GstController, whose value applies to each frame.
    public static let controllable = PropertyFlags(rawValue: 1 << 9)
    /// Changes take effect when the element starts.
    public static let mutableReady = PropertyFlags(rawValue: 1 << 10)
    /// Changes take effect with the next frame while playing.
    public static let mutablePlaying = PropertyFlags(rawValue: 1 << 12)
    /// Only the element sets it.
    public static let readOnly = PropertyFlags(rawValue: 1 << 31)

    /// As GLib's flags.
    var parameterFlags: GParamFlags {
        let readable: UInt32 = 1
        let writable: UInt32 = contains(.readOnly) ? 0 : 2
        return GParamFlags(rawValue: Int32(readable | writable | (rawValue & ~PropertyFlags.readOnly.rawValue)))
    }
}

/// A Swift enumeration used as a property's type. Its raw values are the nicks in pipeline descriptions.
public protocol PropertyChoice: RawRepresentable<String>, CaseIterable, Sendable, Equatable {
    /// Name of the GEnum type in camel case, with the plugin's name as prefix.
    static var typeName: String { get }
    /// The value's description in `gst-inspect-1.0`.
    var blurb: String { get }
}

/// The value of a property of any type.
public enum PropertyValue: Sendable, Equatable {
    case boolean(Bool)
    case integer(Int)
    case unsigned(UInt64)
    case double(Double)
    case string(String)
    /// Index of the case.
    case choice(Int)
}

/// Type, range and default of a property.
public enum PropertyKind: Sendable {
    case boolean(Bool)
    case integer(ClosedRange<Int>, Int)
    case unsigned(ClosedRange<UInt64>, UInt64)
    case double(ClosedRange<Double>, Double)
    case string(String)
    case choice(ChoiceType, Int)

    var initialValue: PropertyValue {
        switch self {
        case .boolean(let value): .boolean(value)
        case .integer(_, let value): .integer(value)
        case .unsigned(_, let value): .unsigned(value)
        case .double(_, let value): .double(value)
        case .string(let value): .string(value)
        case .choice(_, let value): .choice(value)
        }
    }

    /// The same with another default; unchanged if that has another type.
    func with(default value: PropertyValue) -> PropertyKind {
        switch (self, value) {
        case (.boolean, .boolean(let value)): .boolean(value)
        case (.integer(let range, _), .integer(let value)): .integer(range, value)
        case (.unsigned(let range, _), .unsigned(let value)): .unsigned(range, value)
        case (.double(let range, _), .double(let value)): .double(range, value)
        case (.string, .string(let value)): .string(value)
        case (.choice(let type, _), .choice(let value)): .choice(type, value)
        default: self
        }
    }
}

/// Type name, nicks and blurbs of a ``PropertyChoice``.
public struct ChoiceType: Sendable {
    let typeName: String
    /// The values in order.
    public let cases: [(nick: String, blurb: String)]
}

/// What GObject knows of a property.
public struct PropertySpecification: Sendable {
    /// Name in pipeline descriptions.
    public let name: String
    /// Short name for people.
    public let nick: String
    /// One-line description in `gst-inspect-1.0`.
    public let blurb: String
    /// Type, range and default.
    public let kind: PropertyKind
    /// When the property may change, and whether it can be controlled.
    public let flags: PropertyFlags
}

/// An entry of an element's property table.
public protocol PropertyDeclaration: Sendable {
    /// Name, description, type, range, default and flags.
    var specification: PropertySpecification { get }
}

/// A property with its Swift type.
///
/// An element declares its properties as static constants, lists them in its property table, and reads them from the
/// ``PropertySnapshot`` of each frame: `settings[Self.strength]`.
public struct Property<Value: Sendable>: PropertyDeclaration {
    public let specification: PropertySpecification
    let read: @Sendable (PropertyValue) -> Value?
    let wrap: @Sendable (Value) -> PropertyValue
    /// The value of a new element.
    public let defaultValue: Value

    /// Name in pipeline descriptions.
    public var name: String { specification.name }
}

extension Property where Value == Bool {
    /// A property of type gboolean.
    public init(_ name: String, nick: String, blurb: String, default value: Bool, flags: PropertyFlags) {
        specification = PropertySpecification(name: name, nick: nick, blurb: blurb, kind: .boolean(value), flags: flags)
        read = { if case .boolean(let value) = $0 { value } else { nil } }
        wrap = { .boolean($0) }
        defaultValue = value
    }
}

extension Property where Value == Int {
    /// - Parameter range: within 32 bits.
    public init(
        _ name: String, nick: String, blurb: String, range: ClosedRange<Int>, default value: Int, flags: PropertyFlags
    ) {
        specification = PropertySpecification(
            name: name, nick: nick, blurb: blurb, kind: .integer(range, value), flags: flags)
        read = { if case .integer(let value) = $0 { value } else { nil } }
        wrap = { .integer($0) }
        defaultValue = value
    }
}

extension Property where Value == UInt64 {
    /// A property of type guint64.
    public init(
        _ name: String, nick: String, blurb: String, range: ClosedRange<UInt64>, default value: UInt64,
        flags: PropertyFlags
    ) {
        specification = PropertySpecification(
            name: name, nick: nick, blurb: blurb, kind: .unsigned(range, value), flags: flags)
        read = { if case .unsigned(let value) = $0 { value } else { nil } }
        wrap = { .unsigned($0) }
        defaultValue = value
    }
}

extension Property where Value == Double {
    /// A property of type gdouble.
    public init(
        _ name: String, nick: String, blurb: String, range: ClosedRange<Double>, default value: Double,
        flags: PropertyFlags
    ) {
        specification = PropertySpecification(
            name: name, nick: nick, blurb: blurb, kind: .double(range, value), flags: flags)
        read = { if case .double(let value) = $0 { value } else { nil } }
        wrap = { .double($0) }
        defaultValue = value
    }
}

extension Property where Value == String {
    /// A property of type gchararray.
    public init(_ name: String, nick: String, blurb: String, default value: String, flags: PropertyFlags) {
        specification = PropertySpecification(name: name, nick: nick, blurb: blurb, kind: .string(value), flags: flags)
        read = { if case .string(let value) = $0 { value } else { nil } }
        wrap = { .string($0) }
        defaultValue = value
    }
}

extension Property where Value: PropertyChoice {
    /// A property of a GEnum type, which is registered on first use.
    public init(_ name: String, nick: String, blurb: String, default value: Value, flags: PropertyFlags) {
        let cases = Array(Value.allCases)
        let type = ChoiceType(typeName: Value.typeName, cases: cases.map { ($0.rawValue, $0.blurb) })
        specification = PropertySpecification(
            name: name, nick: nick, blurb: blurb, kind: .choice(type, cases.firstIndex(of: value) ?? 0), flags: flags)
        read = { if case .choice(let index) = $0, cases.indices.contains(index) { cases[index] } else { nil } }
        wrap = { .choice(cases.firstIndex(of: $0) ?? 0) }
        defaultValue = value
    }
}
