import CGStreamer

extension Element {
    /// Registers the element with `plugin`, or for this process only if nil. Returns false if GStreamer refuses.
    ///
    /// An existing GObject type is reused, since types cannot be unregistered.
    public static func register(plugin: OpaquePointer?) -> Bool {
        let known = g_type_from_name(description.typeName)
        var type = known
        if known == 0 {
            switch self {
            case let transform as TransformElement.Type: type = transform.registerTransformType()
            case let combining as CombiningElement.Type: type = combining.registerCombiningType()
            case let bin as BinElement.Type: type = bin.registerBinType()
            default: return false
            }
        }
        return gst_element_register(plugin, description.name, guint(GST_RANK_NONE.rawValue), type) != 0
    }
}
