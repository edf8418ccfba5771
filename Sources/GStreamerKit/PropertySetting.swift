/// A property with a value for it.
public protocol PropertySetting: Sendable {
    /// The property's name.
    var name: String { get }
    /// The value as in a pipeline description, without quotes.
    var text: String { get }
    /// The value without its Swift type.
    var content: PropertyValue { get }
}

extension PropertySetting {
    /// As in a pipeline description: `strength=0.5`. Not for strings, which may need quotes.
    public var assignment: String { "\(name)=\(text)" }
}

/// A ``PropertySetting`` with its Swift type.
public struct TypedSetting<Value: Sendable>: PropertySetting {
    private let property: Property<Value>
    /// The value.
    public let value: Value

    /// A setting of `property` to `value`.
    public init(_ property: Property<Value>, _ value: Value) {
        self.property = property
        self.value = value
    }

    public var name: String { property.name }
    public var text: String { (value as? any PropertyChoice)?.rawValue ?? "\(value)" }
    public var content: PropertyValue { property.wrap(value) }
}

extension PropertySnapshot {
    /// The values of some properties; the others have their defaults.
    public init(_ settings: [any PropertySetting]) {
        self.init(Dictionary(settings.map { ($0.name, $0.content) }) { _, last in last })
    }
}

extension Property {
    /// The value that a text stands for; nil if it is not of the property's type or not in its range.
    public func value(parsing text: String) -> Value? { specification.kind.value(parsing: text).flatMap(read) }
}

extension PropertyKind {
    /// The allowed values, such as "0 to 1" or "max, average"; empty: any text.
    public var allowedValues: String {
        switch self {
        case .boolean: "true, false"
        case .integer(let range, _): "\(range.lowerBound) to \(range.upperBound)"
        case .unsigned(let range, _) where range.upperBound == .max: "\(range.lowerBound) or more"
        case .unsigned(let range, _): "\(range.lowerBound) to \(range.upperBound)"
        case .double(let range, _): "\(shortest(range.lowerBound)) to \(shortest(range.upperBound))"
        case .string: ""
        case .choice(let type, _): type.cases.map(\.nick).joined(separator: ", ")
        }
    }

    func value(parsing text: String) -> PropertyValue? {
        switch self {
        case .boolean: Bool(text).map { .boolean($0) }
        case .integer(let range, _): Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
        case .unsigned(let range, _): UInt64(text).flatMap { range.contains($0) ? .unsigned($0) : nil }
        case .double(let range, _): Double(text).flatMap { range.contains($0) ? .double($0) : nil }
        case .string: .string(text)
        case .choice(let type, _): type.cases.firstIndex { $0.nick == text }.map { .choice($0) }
        }
    }
}

/// A number as people write it: whole ones without a fraction.
private func shortest(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : number.description
}
