import CGStreamer

/// What a property may do; `readable` and `writable` are the rule.
public struct PropertyFlags: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// May be bound to a controller; the element then follows it from frame to frame.
    public static let controllable = PropertyFlags(rawValue: 1 << 9)
    /// Takes effect when the element starts.
    public static let mutableReady = PropertyFlags(rawValue: 1 << 10)
    /// Takes effect with the next frame while playing.
    public static let mutablePlaying = PropertyFlags(rawValue: 1 << 12)
    /// Only the element writes it.
    public static let readOnly = PropertyFlags(rawValue: 1 << 31)

    /// The same as GLib's flags.
    var parameterFlags: GParamFlags {
        let readable: UInt32 = 1
        let writable: UInt32 = contains(.readOnly) ? 0 : 2
        return GParamFlags(rawValue: Int32(readable | writable | (rawValue & ~PropertyFlags.readOnly.rawValue)))
    }
}

/// A Swift enumeration that is a property's type; its raw values are what users type.
public protocol PropertyChoice: RawRepresentable<String>, CaseIterable, Sendable, Equatable {
    /// Name of the GEnum type, in camel case with the plugin's name before it.
    static var typeName: String { get }
    /// What `gst-inspect-1.0` says about the value.
    var blurb: String { get }
}

/// A property's value, whatever its type.
public enum PropertyValue: Sendable, Equatable {
    case boolean(Bool)
    case integer(Int)
    case unsigned(UInt64)
    case double(Double)
    case string(String)
    /// Index of the case.
    case choice(Int)
}

/// What a property may hold, and what it holds at first.
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
}

/// The names and texts of a ``PropertyChoice``.
public struct ChoiceType: Sendable {
    let typeName: String
    let cases: [(nick: String, blurb: String)]
}

/// One row of an element's property table.
public struct PropertySpecification: Sendable {
    public let name: String
    public let nick: String
    public let blurb: String
    public let kind: PropertyKind
    public let flags: PropertyFlags
}

/// A property with the Swift type of its value.
///
/// An element declares its properties as static constants, lists their ``specification`` in its table, and reads them from
/// the ``PropertySnapshot`` that it is given for each frame: `settings[Self.strength]`.
public struct Property<Value: Sendable>: Sendable {
    public let specification: PropertySpecification
    let read: @Sendable (PropertyValue) -> Value?
    let wrap: @Sendable (Value) -> PropertyValue

    public var name: String { specification.name }
}

extension Property where Value == Bool {
    public init(_ name: String, nick: String, blurb: String, default value: Bool, flags: PropertyFlags) {
        specification = PropertySpecification(name: name, nick: nick, blurb: blurb, kind: .boolean(value), flags: flags)
        read = { if case .boolean(let value) = $0 { value } else { nil } }
        wrap = { .boolean($0) }
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
    }
}

extension Property where Value == UInt64 {
    public init(
        _ name: String, nick: String, blurb: String, range: ClosedRange<UInt64>, default value: UInt64,
        flags: PropertyFlags
    ) {
        specification = PropertySpecification(
            name: name, nick: nick, blurb: blurb, kind: .unsigned(range, value), flags: flags)
        read = { if case .unsigned(let value) = $0 { value } else { nil } }
        wrap = { .unsigned($0) }
    }
}

extension Property where Value == Double {
    public init(
        _ name: String, nick: String, blurb: String, range: ClosedRange<Double>, default value: Double,
        flags: PropertyFlags
    ) {
        specification = PropertySpecification(
            name: name, nick: nick, blurb: blurb, kind: .double(range, value), flags: flags)
        read = { if case .double(let value) = $0 { value } else { nil } }
        wrap = { .double($0) }
    }
}

extension Property where Value == String {
    public init(_ name: String, nick: String, blurb: String, default value: String, flags: PropertyFlags) {
        specification = PropertySpecification(name: name, nick: nick, blurb: blurb, kind: .string(value), flags: flags)
        read = { if case .string(let value) = $0 { value } else { nil } }
        wrap = { .string($0) }
    }
}

extension Property where Value: PropertyChoice {
    public init(_ name: String, nick: String, blurb: String, default value: Value, flags: PropertyFlags) {
        let cases = Array(Value.allCases)
        let type = ChoiceType(typeName: Value.typeName, cases: cases.map { ($0.rawValue, $0.blurb) })
        specification = PropertySpecification(
            name: name, nick: nick, blurb: blurb, kind: .choice(type, cases.firstIndex(of: value) ?? 0), flags: flags)
        read = { if case .choice(let index) = $0, cases.indices.contains(index) { cases[index] } else { nil } }
        wrap = { .choice(cases.firstIndex(of: $0) ?? 0) }
    }
}
