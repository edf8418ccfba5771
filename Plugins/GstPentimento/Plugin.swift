import CGStreamer
import GStreamerKit

/// The plugin's elements, in pipeline order.
private let elements: [Element.Type] = [
    MaskCombine.self,
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
private let pluginAbout = "Temporally coherent video style transfer: optical flow, occlusion check, warping, networks"
private let pluginLicense = "MIT/X11"
private let pluginOrigin = "Pentimento"

/// The author of every element in `gst-inspect-1.0`.
let elementAuthor = "The Pentimento developers"

private func registerElements(_ plugin: OpaquePointer?) -> gboolean {
    elements.reduce(true) { $1.register(plugin: plugin) && $0 } ? 1 : 0
}

/// Registers the elements in this process, for programs that link this module. Call it after `gst_init`.
///
/// They replace those of an installed plugin of the same name. A second call does nothing.
/// - Returns: false if GStreamer refuses the registration.
@discardableResult public func registerPentimentoElements() -> Bool { isRegistered }

private let isRegistered: Bool = {
    if let registry = gst_registry_get(), let installed = gst_registry_find_plugin(registry, pluginName) {
        // Removes the installed plugin's elements from this process only; the registry file does not change.
        if gst_plugin_get_filename(installed) != nil { gst_registry_remove_plugin(registry, installed) }
        gst_object_unref(UnsafeMutableRawPointer(installed))
    }
    return gst_plugin_register_static(
        gint(GST_VERSION_MAJOR), gint(GST_VERSION_MINOR), pluginName, pluginAbout, { registerElements($0) },
        pluginVersion, pluginLicense, pluginOrigin, pluginOrigin, pluginOrigin) != 0
}()

/// The entry point of `libgstpentimento.so`; GStreamer derives the symbol's name from the file name.
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
