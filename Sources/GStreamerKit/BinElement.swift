import CGStreamer

/// An element made of others, behind one sink and one source pad: a GstBin.
open class BinElement: Element, @unchecked Sendable {
    public var bin: UnsafeMutablePointer<GstBin> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstBin.self)
    }

    /// Adds elements by their factories' names, linked in this order, and shows the first one's sink and the last one's source.
    ///
    /// A factory that is missing leaves the bin without pads' targets and posts an error when it starts.
    public func build(_ children: [String]) {
        var previous: UnsafeMutablePointer<GstElement>?
        var first: UnsafeMutablePointer<GstElement>?
        for name in children {
            guard let child = gst_element_factory_make(name, name) else {
                warn("there is no element \(name)")
                continue
            }
            gst_bin_add(bin, child)
            if let previous { gst_element_link(previous, child) }
            first = first ?? child
            previous = child
        }
        guard let first, let previous else { return }
        show(first, pad: "sink")
        show(previous, pad: "src")
    }

    /// The child of that name, which the bin keeps alive.
    public func withChild<Result>(_ name: String, _ body: (UnsafeMutablePointer<GObject>) -> Result) -> Result? {
        guard let child = gst_bin_get_by_name(bin, name) else { return nil }
        defer { gst_object_unref(child) }
        return body(UnsafeMutableRawPointer(child).assumingMemoryBound(to: GObject.self))
    }

    private func show(_ child: UnsafeMutablePointer<GstElement>, pad name: String) {
        guard let target = gst_element_get_static_pad(child, name) else { return }
        let template = gst_element_class_get_pad_template(
            UnsafeMutableRawPointer(object).load(as: UnsafeMutablePointer<GstElementClass>.self), name)
        gst_element_add_pad(element, gst_ghost_pad_new_from_template(name, target, template))
        gst_object_unref(target)
    }

    static func registerBinType() -> GType {
        registerType(self, parent: gst_bin_get_type()) { type, data in
            guard let type, let data else { return }
            initializeElementClass(type, data)
        }
    }
}
