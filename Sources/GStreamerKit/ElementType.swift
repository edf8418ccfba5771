import CGStreamer

/// The Swift side of a GObject class. It is never released.
final class ElementType: @unchecked Sendable {
    let swiftType: Element.Type
    let properties: [PropertySpecification]
    /// The parent's class, which overridden functions chain up to; set when the class is initialised.
    var parentClass: UnsafeMutableRawPointer?

    init(_ swiftType: Element.Type) {
        self.swiftType = swiftType
        properties = swiftType.description.properties
    }
}

/// Offsets of the pointer to the Swift side in instances and classes: behind the largest parent's struct, the same for
/// all types.
private enum Offset {
    static let instance = max(
        MemoryLayout<GstBaseTransform>.size, MemoryLayout<GstBin>.size, MemoryLayout<GstAggregator>.size)
    static let type = max(
        MemoryLayout<GstBaseTransformClass>.size, MemoryLayout<GstBinClass>.size,
        MemoryLayout<GstAggregatorClass>.size)
    static let pointer = MemoryLayout<UnsafeRawPointer>.size
}

/// The Swift object of an instance; nil before it is created and after it is released.
package func swiftSide<Instance>(_ instance: UnsafeMutablePointer<Instance>?) -> Element? {
    guard let instance else { return nil }
    let stored = (UnsafeRawPointer(instance) + Offset.instance).load(as: UnsafeRawPointer?.self)
    return stored.map { Unmanaged<Element>.fromOpaque($0).takeUnretainedValue() }
}

/// The Swift side of an instance's class.
func swiftType<Instance>(of instance: UnsafeMutablePointer<Instance>?) -> ElementType? {
    guard let instance else { return nil }
    // A GObject begins with the pointer to its class.
    guard let type = UnsafeRawPointer(instance).load(as: UnsafeRawPointer?.self) else { return nil }
    let stored = (type + Offset.type).load(as: UnsafeRawPointer?.self)
    return stored.map { Unmanaged<ElementType>.fromOpaque($0).takeUnretainedValue() }
}

/// The parent class of an instance, as `Class`.
func parentClass<Instance, Class>(
    of instance: UnsafeMutablePointer<Instance>?, as: Class.Type
) -> UnsafeMutablePointer<Class>? {
    swiftType(of: instance)?.parentClass?.assumingMemoryBound(to: Class.self)
}

/// Registers a GObject class for `swiftType` that derives from `parent`; `classInit` sets its class functions.
func registerType(
    _ swiftType: Element.Type, parent: GType, classInit: @escaping GClassInitFunc
) -> GType {
    let name = swiftType.description.typeName
    var information = GTypeInfo()
    information.class_size = guint16(clamping: Offset.type + Offset.pointer)
    information.instance_size = guint16(clamping: Offset.instance + Offset.pointer)
    information.class_init = classInit
    information.class_data = UnsafeRawPointer(Unmanaged.passRetained(ElementType(swiftType)).toOpaque())
    information.instance_init = { instance, type in
        guard let instance, let type else { return }
        let stored = (UnsafeRawPointer(type) + Offset.type).load(as: UnsafeRawPointer?.self)
        guard let stored else { return }
        let elementType = Unmanaged<ElementType>.fromOpaque(stored).takeUnretainedValue()
        let object = UnsafeMutableRawPointer(instance).assumingMemoryBound(to: GObject.self)
        let side = Unmanaged.passRetained(elementType.swiftType.init(object: object)).toOpaque()
        (UnsafeMutableRawPointer(instance) + Offset.instance).storeBytes(of: side, as: UnsafeMutableRawPointer?.self)
    }
    return g_type_register_static(parent, name, &information, GTypeFlags(rawValue: 0))
}

/// The Swift class for the class data of a GObject class.
func swiftType(of classData: UnsafeMutableRawPointer) -> Element.Type {
    Unmanaged<ElementType>.fromOpaque(classData).takeUnretainedValue().swiftType
}

/// Sets what every element's class has: properties, metadata, pad templates, construction and finalisation.
///
/// - Parameter padType: type of the pads; nil: the element makes them of any.
func initializeElementClass(
    _ type: UnsafeMutableRawPointer, _ data: UnsafeMutableRawPointer, padType: GType? = nil
) {
    let elementType = Unmanaged<ElementType>.fromOpaque(data).takeUnretainedValue()
    elementType.parentClass = UnsafeMutableRawPointer(g_type_class_peek_parent(type))
    (type + Offset.type).storeBytes(of: data, as: UnsafeMutableRawPointer?.self)

    let objectClass = type.assumingMemoryBound(to: GObjectClass.self)
    objectClass.pointee.set_property = { object, index, value, _ in
        guard let side = swiftSide(object), let properties = swiftType(of: object)?.properties,
            properties.indices.contains(Int(index) - 1), let value, let content = PropertyValue(value)
        else { return }
        side.set(properties[Int(index) - 1].name, to: content)
    }
    objectClass.pointee.get_property = { object, index, value, _ in
        guard let side = swiftSide(object), let properties = swiftType(of: object)?.properties,
            properties.indices.contains(Int(index) - 1), let value
        else { return }
        side.value(of: properties[Int(index) - 1].name)?.store(in: value)
    }
    objectClass.pointee.constructed = { object in
        parentClass(of: object, as: GObjectClass.self)?.pointee.constructed?(object)
        swiftSide(object)?.constructed()
    }
    objectClass.pointee.finalize = { object in
        let finalize = parentClass(of: object, as: GObjectClass.self)?.pointee.finalize
        if let object, let side = swiftSide(object) {
            (UnsafeMutableRawPointer(object) + Offset.instance).storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
            Unmanaged.passUnretained(side).release()
        }
        finalize?(object)
    }
    for (index, property) in elementType.properties.enumerated() {
        g_object_class_install_property(objectClass, guint(index + 1), property.makeParameter())
    }

    let description = elementType.swiftType.description
    let elementClass = type.assumingMemoryBound(to: GstElementClass.self)
    gst_element_class_set_metadata(
        elementClass, description.longName, description.classification, description.about, description.author)
    for direction in [GST_PAD_SINK, GST_PAD_SRC] {
        guard let caps = elementType.swiftType.description.formats.makeCaps() else { continue }
        let name = direction == GST_PAD_SINK ? "sink" : "src"
        let template =
            padType.map { gst_pad_template_new_with_gtype(name, direction, GST_PAD_ALWAYS, caps, $0) }
            ?? gst_pad_template_new(name, direction, GST_PAD_ALWAYS, caps)
        gst_element_class_add_pad_template(elementClass, template)
        gst_mini_object_unref(UnsafeMutableRawPointer(caps).assumingMemoryBound(to: GstMiniObject.self))
    }
    elementClass.pointee.change_state = { element, transition in
        let side = swiftSide(element)
        if transition == GST_STATE_CHANGE_NULL_TO_READY, let side, !side.succeeds({ try side.willStart() }) {
            return GST_STATE_CHANGE_FAILURE
        }
        if transition == GST_STATE_CHANGE_PAUSED_TO_READY { side?.willStop() }
        return parentClass(of: element, as: GstElementClass.self)?.pointee.change_state?(element, transition)
            ?? GST_STATE_CHANGE_FAILURE
    }
}
