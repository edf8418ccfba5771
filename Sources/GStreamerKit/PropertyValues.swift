import CGStreamer
import Synchronization

/// The values of an element's properties. Thread-safe.
public final class PropertyValues: Sendable {
    private let values: Mutex<[String: PropertyValue]>

    init(_ table: [PropertySpecification]) {
        values = Mutex(Dictionary(table.map { ($0.name, $0.kind.initialValue) }) { first, _ in first })
    }

    /// The value of a property; nil for an unknown name.
    public subscript(name: String) -> PropertyValue? {
        get { values.withLock { $0[name] } }
        set { values.withLock { $0[name] = newValue } }
    }

    /// A consistent copy of all values.
    var all: [String: PropertyValue] { values.withLock { $0 } }
}

/// A consistent copy of all of an element's properties, unaffected by later changes.
///
///     settings[Self.strength]
public struct PropertySnapshot: Sendable {
    private let values: [String: PropertyValue]

    init(_ values: [String: PropertyValue]) { self.values = values }

    /// The value of a property; its default if the element does not list it in its table.
    public subscript<Value>(property: Property<Value>) -> Value {
        values[property.name].flatMap(property.read) ?? property.defaultValue
    }
}

extension PropertySpecification {
    /// The property's GParamSpec, a floating reference.
    func makeParameter() -> UnsafeMutablePointer<GParamSpec>? {
        let flags = flags.parameterFlags
        switch kind {
        case .boolean(let value):
            return g_param_spec_boolean(name, nick, blurb, value ? 1 : 0, flags)
        case .integer(let range, let value):
            return g_param_spec_int(
                name, nick, blurb, gint(clamping: range.lowerBound), gint(clamping: range.upperBound),
                gint(clamping: value), flags)
        case .unsigned(let range, let value):
            return g_param_spec_uint64(
                name, nick, blurb, guint64(range.lowerBound), guint64(range.upperBound), guint64(value), flags)
        case .double(let range, let value):
            return g_param_spec_double(name, nick, blurb, range.lowerBound, range.upperBound, value, flags)
        case .string(let value):
            return g_param_spec_string(name, nick, blurb, value, flags)
        case .choice(let type, let value):
            return g_param_spec_enum(name, nick, blurb, type.register(), gint(clamping: value), flags)
        }
    }
}

extension ChoiceType {
    /// The GEnum type of these cases, registered on first use.
    func register() -> GType {
        let known = g_type_from_name(typeName)
        if known != 0 { return known }
        let values = UnsafeMutablePointer<GEnumValue>.allocate(capacity: cases.count + 1)
        for (index, value) in cases.enumerated() {
            values[index] = GEnumValue(
                value: gint(clamping: index), value_name: staticCString(value.blurb),
                value_nick: staticCString(value.nick))
        }
        values[cases.count] = GEnumValue()
        let type = g_enum_register_static(typeName, values)
        // So that GStreamer's documentation lists the values.
        gst_type_mark_as_plugin_api(type, GstPluginAPIFlags(rawValue: 0))
        return type
    }
}

extension PropertyValue {
    /// Reads a GValue; nil for unsupported types.
    init?(_ value: UnsafePointer<GValue>) {
        switch g_type_fundamental(value.pointee.g_type) {
        case FundamentalType.boolean: self = .boolean(g_value_get_boolean(value) != 0)
        case FundamentalType.int: self = .integer(Int(g_value_get_int(value)))
        case FundamentalType.unsigned64: self = .unsigned(UInt64(g_value_get_uint64(value)))
        case FundamentalType.double: self = .double(g_value_get_double(value))
        case FundamentalType.string: self = .string(String(glib: g_value_get_string(value)))
        case FundamentalType.enumeration: self = .choice(Int(g_value_get_enum(value)))
        default: return nil
        }
    }

    /// Writes the value to a GValue that is initialised with the property's type.
    func store(in value: UnsafeMutablePointer<GValue>) {
        switch self {
        case .boolean(let content): g_value_set_boolean(value, content ? 1 : 0)
        case .integer(let content): g_value_set_int(value, gint(clamping: content))
        case .unsigned(let content): g_value_set_uint64(value, guint64(content))
        case .double(let content): g_value_set_double(value, content)
        case .string(let content): g_value_set_string(value, content)
        case .choice(let content): g_value_set_enum(value, gint(clamping: content))
        }
    }
}
