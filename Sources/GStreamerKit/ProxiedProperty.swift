import CGStreamer

/// A property of a bin's child that is also a property of the bin.
public struct ProxiedProperty: PropertyDeclaration {
    /// The child's name in the bin.
    public let child: String
    /// The property's name in the child.
    public let property: String
    /// The property as the bin has it.
    public let specification: PropertySpecification
    /// What the bin gives to a new child; nil: the child's default.
    let initialValue: PropertyValue?

    /// - Parameters:
    ///   - name: the property's name in the bin, if it differs; needed if two children have properties of the same name.
    ///   - value: the value that the bin gives to a new child, if it differs from the child's default.
    public init<Value>(
        _ property: Property<Value>, of child: String, as name: String? = nil, default value: Value? = nil
    ) {
        self.child = child
        self.property = property.name
        let row = property.specification
        initialValue = value.map(property.wrap)
        // A bin does not sync its controllers; bind them to the child instead.
        specification = PropertySpecification(
            name: name ?? row.name, nick: row.nick, blurb: row.blurb,
            kind: initialValue.map(row.kind.with) ?? row.kind,
            flags: row.flags.subtracting(.controllable))
    }
}

/// Sets a property of any GObject; false if it has no property of that name.
@discardableResult func setProperty(
    _ name: String, of object: UnsafeMutablePointer<GObject>, to content: PropertyValue
) -> Bool {
    guard var value = emptyValue(for: name, of: object) else { return false }
    content.store(in: &value)
    g_object_set_property(object, name, &value)
    g_value_unset(&value)
    return true
}

/// Reads a property of any GObject; nil if it has none of that name or its type is not supported.
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
