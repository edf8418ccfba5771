import CGStreamer

/// What `gst-inspect-1.0` says about an element, and what it needs to be registered.
public struct ElementDescription: Sendable {
    /// Name in pipelines, such as `opticalflow`.
    public let name: String
    /// GObject's name of the type, such as `PentimentoOpticalFlow`.
    public let typeName: String
    public let longName: String
    /// Slash-separated class, such as `Filter/Effect/Video`.
    public let classification: String
    public let about: String
    public let author: String
    public let properties: [PropertySpecification]
    public let debugCategory: DebugCategory

    public init(
        name: String, typeName: String, longName: String, classification: String, about: String, author: String,
        properties: [PropertySpecification]
    ) {
        self.name = name
        self.typeName = typeName
        self.longName = longName
        self.classification = classification
        self.about = about
        self.author = author
        self.properties = properties
        debugCategory = DebugCategory(name, about: longName)
    }
}

/// The Swift side of a GStreamer element: one object behind each GObject, made and released with it.
///
/// Subclass ``TransformElement`` or ``BinElement``. Functions are called from GStreamer's threads, properties from
/// any: state that several of them touch belongs behind a ``Monitor`` or a mutex.
open class Element: @unchecked Sendable {
    open class var description: ElementDescription { preconditionFailure("an element describes itself") }

    /// The GObject; it owns this Swift object, never the other way round.
    public let object: UnsafeMutablePointer<GObject>
    public let values: PropertyValues
    let debugCategory: DebugCategory
    let factoryName: String

    public required init(object: UnsafeMutablePointer<GObject>) {
        let description = Self.description
        self.object = object
        values = PropertyValues(description.properties)
        debugCategory = description.debugCategory
        factoryName = description.name
    }

    public var element: UnsafeMutablePointer<GstElement> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstElement.self)
    }

    /// The properties as they are now. One for each piece of work: single ones are not to be read, for another thread may
    /// change them between two looks.
    public func snapshot() -> PropertySnapshot { PropertySnapshot(values, of: factoryName) }

    /// Gives a property that only the element itself writes a new value.
    public func publish<Value>(_ value: Value, as property: Property<Value>) {
        values[property.name] = property.wrap(value)
    }

    /// After GStreamer has set up the element: the place to add children and pads.
    open func constructed() {}

    /// After a property was set from outside, on the thread that set it.
    open func propertyChanged(_ name: String) {}

    /// A property's value as others see it. Overridden where it lives elsewhere, as in a bin's child.
    open func value(of name: String) -> PropertyValue? { values[name] }

    /// Sets a property from outside.
    open func set(_ name: String, to value: PropertyValue) {
        values[name] = value
        propertyChanged(name)
    }

    /// Before the element leaves the NULL state. What it throws becomes an error message, and the change fails.
    open func willStart() throws {}

    /// Before streaming stops, while pads are still active: wake whoever waits.
    open func willStop() {}

    /// Posts an element message with a structure named `name`, which the closure fills.
    public func post(message name: String, _ fill: (StructureWriter) -> Void) {
        guard let structure = StructureWriter(name) else { return }
        fill(structure)
        gst_element_post_message(element, gst_message_new_element(gstObject, structure.take()))
    }

    /// Runs `body`; what it throws becomes an error message and false.
    func succeeds(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            post(.error, ElementError(error))
            return false
        }
    }

    public var gstObject: UnsafeMutablePointer<GstObject> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstObject.self)
    }
}
