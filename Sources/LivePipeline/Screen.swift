import CGStreamer
import GStreamerKit
import Glibc
import MediaIO
import Support

/// The screen of this session.
package enum Screen {
    /// The element that shows windows; nil: none can be opened here.
    ///
    /// Not `autovideosink`: where no screen can be opened, it goes on to DirectFB, which crashes.
    package static var windowElement: String? {
        let onX = environmentVariable("DISPLAY") == nil ? [] : ["xvimagesink", "ximagesink"]
        let onWayland = environmentVariable("WAYLAND_DISPLAY") == nil ? [] : ["waylandsink", "glimagesink"]
        return (onX + onWayland).first(where: opens)
    }

    /// Why no window can be shown, with what to do; nil: one can.
    package static var windowProblem: String? {
        if windowElement != nil { return nil }
        guard let name = environmentVariable("WAYLAND_DISPLAY") ?? environmentVariable("DISPLAY") else {
            return "there is no screen here; set DISPLAY, or name another --output"
        }
        return "the screen \(name) cannot be opened; set DISPLAY to one that is there, or name another --output"
    }

    /// Why the screen cannot be painted, with what to do; nil: it can.
    package static var readingProblem: String? {
        guard let name = environmentVariable("DISPLAY") else {
            let reason =
                environmentVariable("WAYLAND_DISPLAY") == nil
                ? "there is no screen here" : "Wayland lets no program read it"
            return "\(reason); set DISPLAY to a screen of X11"
        }
        return opens("ximagesink") ? nil : "\(name) cannot be opened; set DISPLAY to a screen of X11 that is there"
    }

    /// Xlib ends the whole program when the screen goes away. Instead, the thread that finds it gone waits for ever: its
    /// pipeline stalls and is left to itself, and the others go on.
    private static let isOutlived: Bool = {
        typealias Handler = @convention(c) (OpaquePointer?) -> Int32
        typealias SetHandler = @convention(c) (Handler?) -> Handler?
        guard let library = dlopen("libX11.so.6", RTLD_NOW), let set = dlsym(library, "XSetIOErrorHandler") else {
            return false
        }
        _ = unsafeBitCast(set, to: SetHandler.self)({ _ in while true { sleep(3600) } })
        return true
    }()

    private static func opens(_ factory: String) -> Bool {
        startGStreamer()
        _ = isOutlived
        guard let element = gst_element_factory_make(factory, nil) else { return false }
        defer {
            gst_element_set_state(element, GST_STATE_NULL)
            gst_object_unref(element)
        }
        return gst_element_set_state(element, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE
    }
}
