import CGStreamer

/// Metadata of an element, for its registration and for `gst-inspect-1.0`.
public struct ElementDescription: Sendable {
    /// Name in pipelines, such as `opticalflow`.
    public let name: String
    /// The GObject type name, such as `PentimentoOpticalFlow`.
    public let typeName: String
    /// Name for people, such as `Optical flow`.
    public let longName: String
    /// Slash-separated classification, such as `Filter/Effect/Video`.
    public let classification: String
    /// One-line description of the element's function.
    public let about: String
    /// Author in `gst-inspect-1.0`.
    public let author: String
    /// Pixel formats that its pads take.
    public let formats: FrameFormats
    /// The properties in the order of their numbers.
    public let properties: [PropertySpecification]
    /// The element's debug category, with the element's name.
    public let debugCategory: DebugCategory

    /// Creates the debug category too, if there is none of this name.
    ///
    /// - Parameter properties: the property table.
    public init(
        name: String, typeName: String, longName: String, classification: String, about: String, author: String,
        formats: FrameFormats = .packed, properties: [any PropertyDeclaration]
    ) {
        self.name = name
        self.typeName = typeName
        self.longName = longName
        self.classification = classification
        self.about = about
        self.author = author
        self.formats = formats
        self.properties = properties.map(\.specification)
        debugCategory = DebugCategory(name, about: longName)
    }
}

/// The Swift side of a GStreamer element: one object for each GObject, created and released with it.
///
/// Subclass ``TransformElement`` or ``BinElement``. Functions are called on GStreamer's threads, property accessors on
/// any thread: protect shared state with a ``Monitor`` or a mutex.
open class Element: @unchecked Sendable {
    /// The element's metadata. Every subclass overrides it.
    open class var description: ElementDescription { preconditionFailure("subclasses override description") }

    /// The GObject, which owns this Swift object.
    public let object: UnsafeMutablePointer<GObject>
    /// The current values of the properties.
    public let values: PropertyValues
    let debugCategory: DebugCategory
    let factoryName: String

    /// Called by GObject's instance initialisation, before any property is set.
    public required init(object: UnsafeMutablePointer<GObject>) {
        let description = Self.description
        self.object = object
        values = PropertyValues(description.properties)
        debugCategory = description.debugCategory
        factoryName = description.name
    }

    /// The GObject as a GstElement.
    public var element: UnsafeMutablePointer<GstElement> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstElement.self)
    }

    /// A consistent copy of all properties. Use one per piece of work instead of single properties, which other threads
    /// may change in between.
    public func snapshot() -> PropertySnapshot { PropertySnapshot(values.all) }

    /// Sets a read-only property. Its `notify` signal is not emitted: such a value may change with every frame.
    public func publish<Value>(_ value: Value, as property: Property<Value>) {
        values[property.name] = property.wrap(value)
    }

    /// Emits the `notify` signal of a property whose value has changed without being set.
    func notify(_ name: String) {
        let type = UnsafeRawPointer(object).load(as: UnsafeMutablePointer<GObjectClass>.self)
        guard let parameter = g_object_class_find_property(type, name) else { return }
        g_object_notify_by_pspec(object, parameter)
    }

    /// Called when GStreamer has constructed the element: the place to add children and pads.
    open func constructed() {}

    /// Called after a property was set from outside, on the thread that set it.
    open func propertyChanged(_ name: String) {}

    /// A property's value as seen from outside. Override it for values that are stored elsewhere, such as in a bin's
    /// child.
    open func value(of name: String) -> PropertyValue? { values[name] }

    /// Sets a property from outside.
    open func set(_ name: String, to value: PropertyValue) {
        values[name] = value
        propertyChanged(name)
    }

    /// Sets a property of its own from text, as in a pipeline description. ``set(_:to:)`` is not called.
    public func configure(_ name: String, _ text: String) {
        guard let row = Self.description.properties.first(where: { $0.name == name }),
            let value = row.kind.value(parsing: text)
        else { return }
        values[name] = value
        propertyChanged(name)
        notify(name)
    }

    /// Called before the element leaves the NULL state. A thrown error is posted on the bus, and the state change
    /// fails.
    open func willStart() throws {}

    /// Called before streaming stops, while pads are still active: the place to wake waiting threads.
    open func willStop() {}

    /// Posts an element message with a structure named `name`, filled by the closure.
    public func post(message name: String, _ fill: (StructureWriter) -> Void) {
        guard let structure = StructureWriter(name) else { return }
        fill(structure)
        gst_element_post_message(element, gst_message_new_element(gstObject, structure.take()))
    }

    /// Runs `body`. A thrown error is posted on the bus, and the result is false.
    func succeeds(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            post(.error, ElementError(error))
            return false
        }
    }

    /// The GObject as a GstObject.
    public var gstObject: UnsafeMutablePointer<GstObject> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstObject.self)
    }
}
