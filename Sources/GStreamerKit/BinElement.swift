import CGStreamer

/// An element made of a chain of others, with one sink and one source pad: a GstBin.
open class BinElement: Element, @unchecked Sendable {
    /// The children's properties that the bin proxies; list them in its property table too.
    open class var proxies: [ProxiedProperty] { [] }

    /// The GObject as a GstBin.
    public var bin: UnsafeMutablePointer<GstBin> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstBin.self)
    }

    private var missing: [String] = []

    /// Creates elements by factory name, links them in this order, and adds ghost pads for the first sink and the last
    /// source pad. A missing element is reported as an error when the bin starts.
    public func build(_ children: [String]) {
        var chain: [UnsafeMutablePointer<GstElement>] = []
        for name in children {
            guard let child = gst_element_factory_make(name, name) else {
                missing.append(name)
                continue
            }
            gst_bin_add(bin, child)
            if let previous = chain.last { gst_element_link(previous, child) }
            chain.append(child)
        }
        for (child, pad) in [(chain.first, "sink"), (chain.last, "src")] {
            guard let child, let target = gst_element_get_static_pad(child, pad) else { continue }
            let type = UnsafeRawPointer(object).load(as: UnsafeMutablePointer<GstElementClass>.self)
            let template = gst_element_class_get_pad_template(type, pad)
            gst_element_add_pad(element, gst_ghost_pad_new_from_template(pad, target, template))
            gst_object_unref(target)
        }
        for proxy in Self.proxies {
            withChild(proxy.child) { child in
                if let value = proxy.initialValue { setProperty(proxy.property, of: child, to: value) }
                forward(proxy, from: child)
            }
        }
    }

    /// Emits the bin's `notify` signal when the child's property changes, however it was set.
    private func forward(_ proxy: ProxiedProperty, from child: UnsafeMutablePointer<GObject>) {
        typealias Notify =
            @convention(c) (UnsafeMutablePointer<GstObject>?, UnsafeMutablePointer<GParamSpec>?, gpointer?) -> Void
        let notify: Notify = { child, parameter, bin in
            guard let side = swiftSide(bin?.assumingMemoryBound(to: GObject.self)) as? BinElement, let parameter,
                let name = child?.pointee.name
            else { return }
            let (childName, property) = (String(cString: name), String(cString: parameter.pointee.name))
            for proxy in type(of: side).proxies where proxy.child == childName && proxy.property == property {
                side.notify(proxy.specification.name)
            }
        }
        g_signal_connect_object(
            child, "notify::\(proxy.property)", unsafeBitCast(notify, to: GCallback.self), object,
            GConnectFlags(rawValue: 0))
    }

    /// Sets a property of any child from text, as in a pipeline description.
    public func configure(_ child: String, _ name: String, _ text: String) {
        withChild(child) { gst_util_set_object_arg($0, name, text) }
    }

    open override func willStart() throws {
        guard missing.isEmpty else {
            throw ElementError(
                .notFound, "There is no element \(missing.joined(separator: ", ")).",
                remedy: "Install the GStreamer plugins that have it; `gst-inspect-1.0 NAME` shows whether it is there.")
        }
    }

    open override func set(_ name: String, to value: PropertyValue) {
        guard let proxy = Self.proxies.first(where: { $0.specification.name == name }) else {
            return super.set(name, to: value)
        }
        withChild(proxy.child) { setProperty(proxy.property, of: $0, to: value) }
    }

    open override func value(of name: String) -> PropertyValue? {
        guard let proxy = Self.proxies.first(where: { $0.specification.name == name }) else {
            return super.value(of: name)
        }
        return withChild(proxy.child) { property(proxy.property, of: $0) } ?? super.value(of: name)
    }

    @discardableResult private func withChild<Result>(
        _ name: String, _ body: (UnsafeMutablePointer<GObject>) -> Result?
    ) -> Result? {
        guard let child = gst_bin_get_by_name(bin, name) else { return nil }
        defer { gst_object_unref(child) }
        return body(UnsafeMutableRawPointer(child).assumingMemoryBound(to: GObject.self))
    }

    static func registerBinType() -> GType {
        registerType(self, parent: gst_bin_get_type()) { type, data in
            guard let type, let data else { return }
            initializeElementClass(type, data)
        }
    }
}
