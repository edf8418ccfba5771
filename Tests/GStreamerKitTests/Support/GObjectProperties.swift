import CGStreamer
import GStreamerKit

/// GObject's functions for properties.
extension UnsafeMutablePointer<GObject> {
    private var type: UnsafeMutablePointer<GObjectClass>? {
        UnsafeRawPointer(self).load(as: UnsafeMutablePointer<GObjectClass>?.self)
    }

    func specification(_ name: String) -> UnsafeMutablePointer<GParamSpec>? {
        g_object_class_find_property(type, name)
    }

    /// Sets a property from text, as pipeline descriptions do.
    func set(_ name: String, _ text: String) { gst_util_set_object_arg(self, name, text) }

    /// A property's value, as in a pipeline description.
    func text(_ name: String) -> String? {
        guard let specification = specification(name) else { return nil }
        var value = GValue()
        g_value_init(&value, specification.pointee.value_type)
        defer { g_value_unset(&value) }
        g_object_get_property(self, name, &value)
        return serialized(&value)
    }

    /// A property's default, as in a pipeline description.
    func defaultText(_ name: String) -> String? {
        specification(name).flatMap { serialized(g_param_spec_get_default_value($0)) }
    }

    private func serialized(_ value: UnsafePointer<GValue>?) -> String? {
        guard let text = gst_value_serialize(value) else { return nil }
        defer { g_free(text) }
        return String(cString: text)
    }

    /// Sets a property of type gdouble.
    func set(_ name: String, _ number: Double) {
        var value = GValue()
        g_value_init(&value, GType(15 << 2))
        g_value_set_double(&value, number)
        g_object_set_property(self, name, &value)
    }

    /// The names of the `notify` signals during `change`.
    func notifications(_ change: () -> Void) -> [String] {
        let names = Monitor<[String]>([])
        let note: @convention(c) (gpointer?, UnsafeMutablePointer<GParamSpec>?, gpointer?) -> Void
        note = { _, parameter, data in
            guard let parameter, let data else { return }
            let names = Unmanaged<Monitor<[String]>>.fromOpaque(data).takeUnretainedValue()
            names.update { $0.append(String(cString: parameter.pointee.name)) }
        }
        let signal = g_signal_connect_data(
            self, "notify", unsafeBitCast(note, to: GCallback.self), Unmanaged.passUnretained(names).toOpaque(), nil,
            GConnectFlags(rawValue: 0))
        defer { g_signal_handler_disconnect(self, signal) }
        change()
        return names.update { $0 }
    }
}
