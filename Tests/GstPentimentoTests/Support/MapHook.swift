import CGStreamer
import GStreamerKit

/// Runs closures while an element processes a frame: just before its pixels are mapped and just after they are
/// unmapped. One hook at a time per process.
enum MapHook {
    private struct Hooks {
        var map: (() -> Void)?
        var unmap: (() -> Void)?
        var ownMap: (@convention(c) (Meta, guint, MapInfo, Data, Stride, GstMapFlags) -> gboolean)?
        var ownUnmap: (@convention(c) (Meta, guint, MapInfo) -> gboolean)?
    }

    private typealias Meta = UnsafeMutablePointer<GstVideoMeta>?
    private typealias MapInfo = UnsafeMutablePointer<GstMapInfo>?
    private typealias Data = UnsafeMutablePointer<gpointer?>?
    private typealias Stride = UnsafeMutablePointer<gint>?

    private static let hooks = Monitor(Hooks())

    /// Attaches hooks to a frame, through a GstVideoMeta of the default layout.
    static func hang(
        on buffer: UnsafeMutablePointer<GstBuffer>, _ frame: TestFrame, map: (() -> Void)? = nil,
        unmap: (() -> Void)? = nil
    ) {
        let meta = gst_buffer_add_video_meta(
            buffer, GST_VIDEO_FRAME_FLAG_NONE, .named(frame.layout.name), guint(frame.width),
            guint(frame.height))
        guard let meta else { return }
        hooks.update {
            $0 = Hooks(map: map, unmap: unmap, ownMap: meta.pointee.map, ownUnmap: meta.pointee.unmap)
        }
        meta.pointee.map = { meta, plane, info, data, stride, flags in
            let hooks = MapHook.hooks.update { $0 }
            hooks.map?()
            return hooks.ownMap?(meta, plane, info, data, stride, flags) ?? 0
        }
        meta.pointee.unmap = { meta, plane, info in
            let hooks = MapHook.hooks.update { $0 }
            let result = hooks.ownUnmap?(meta, plane, info) ?? 0
            hooks.unmap?()
            return result
        }
    }
}
