import CGStreamer

/// A property of a bin's child that the bin shows as its own.
public struct ProxiedProperty: Sendable {
    /// The child's name in the bin.
    public let child: String
    /// The child's name of the property.
    public let property: String
    /// The bin's row of it.
    public let specification: PropertySpecification

    /// - Parameter name: what the bin calls it, where two children have properties of one name.
    public init<Value>(_ property: Property<Value>, of child: String, as name: String? = nil) {
        self.child = child
        self.property = property.name
        let row = property.specification
        // Nobody makes a bin follow its controllers: they are bound to the child.
        specification = PropertySpecification(
            name: name ?? row.name, nick: row.nick, blurb: row.blurb, kind: row.kind,
            flags: row.flags.subtracting(.controllable))
    }
}

/// Sets a property of any GObject; false where it has none of that name and type.
@discardableResult func setProperty(
    _ name: String, of object: UnsafeMutablePointer<GObject>, to content: PropertyValue
) -> Bool {
    guard var value = emptyValue(for: name, of: object) else { return false }
    content.store(in: &value)
    g_object_set_property(object, name, &value)
    g_value_unset(&value)
    return true
}

/// A property of any GObject; nil where it has none of that name and of a type that properties here have.
func property(_ name: String, of object: UnsafeMutablePointer<GObject>) -> PropertyValue? {
    guard var value = emptyValue(for: name, of: object) else { return nil }
    g_object_get_property(object, name, &value)
    defer { g_value_unset(&value) }
    return PropertyValue(&value)
}

private func emptyValue(for name: String, of object: UnsafeMutablePointer<GObject>) -> GValue? {
    let type = UnsafeRawPointer(object).load(as: UnsafeMutablePointer<GObjectClass>.self)
    guard let parameter = g_object_class_find_property(type, name) else { return nil }
    var value = GValue()
    g_value_init(&value, parameter.pointee.value_type)
    return value
}
