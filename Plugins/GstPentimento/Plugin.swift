import CGStreamer
import GStreamerKit

/// The plugin's elements, in the order of a chain.
private let elements: [Element.Type] = [
    OpticalFlow.self,
    OcclusionCheck.self,
    FlowWarp.self,
    Stylize.self,
    StyleOptimize.self,
    CoherentStylize.self,
    FlowDraw.self,
    TemporalMeter.self,
    CubeMapSplit.self,
    SphereStylize.self,
    CubeMapJoin.self,
]

private let pluginName = "pentimento"
private let pluginVersion = "0.1.0"
private let pluginAbout = "Stylizes video coherently: optical flow, occlusion check, warping and style networks"
private let pluginLicense = "MIT/X11"
private let pluginOrigin = "Pentimento"

private func registerElements(_ plugin: OpaquePointer?) -> gboolean {
    elements.reduce(true) { $1.register(plugin: plugin) && $0 } ? 1 : 0
}

/// Registers the elements in this process, for programs that have this module linked in. Call it after `gst_init`.
///
/// They win over those of an installed plugin of the same name. A second call does nothing.
/// - Returns: false where GStreamer refuses.
@discardableResult public func registerPentimentoElements() -> Bool { isRegistered }

private let isRegistered: Bool = {
    if let registry = gst_registry_get(), let installed = gst_registry_find_plugin(registry, pluginName) {
        // Forgets its elements in this process; the registry's file stays as it is.
        if gst_plugin_get_filename(installed) != nil { gst_registry_remove_plugin(registry, installed) }
        gst_object_unref(UnsafeMutableRawPointer(installed))
    }
    return gst_plugin_register_static(
        gint(GST_VERSION_MAJOR), gint(GST_VERSION_MINOR), pluginName, pluginAbout, { registerElements($0) },
        pluginVersion, pluginLicense, pluginOrigin, pluginOrigin, pluginOrigin) != 0
}()

/// What GStreamer calls when it loads `libgstpentimento.so`; the name is made of the file's.
@_cdecl("gst_plugin_pentimento_get_desc")
public func pluginDescription() -> UnsafePointer<GstPluginDesc> { UnsafePointer(describedPlugin) }

private nonisolated(unsafe) let describedPlugin: UnsafeMutablePointer<GstPluginDesc> = {
    var description = GstPluginDesc()
    description.major_version = gint(GST_VERSION_MAJOR)
    description.minor_version = gint(GST_VERSION_MINOR)
    description.name = staticCString(pluginName)
    description.description = staticCString(pluginAbout)
    description.plugin_init = { registerElements($0) }
    description.version = staticCString(pluginVersion)
    description.license = staticCString(pluginLicense)
    description.source = staticCString(pluginOrigin)
    description.package = staticCString(pluginOrigin)
    description.origin = staticCString(pluginOrigin)
    let stored = UnsafeMutablePointer<GstPluginDesc>.allocate(capacity: 1)
    stored.initialize(to: description)
    return stored
}()
