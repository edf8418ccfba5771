import CGStreamer

/// A GStreamer debug category, as in `GST_DEBUG=name:level`.
public final class DebugCategory: @unchecked Sendable {
    private let category: UnsafeMutablePointer<GstDebugCategory>?

    /// The category `name`, created if it does not exist.
    public init(_ name: String, about description: String) {
        category = _gst_debug_category_new(name, 0, description)
    }

    /// Logs a line if the category's threshold includes the level.
    public func log(
        _ level: GstDebugLevel, _ object: UnsafeMutablePointer<GObject>?, _ message: @autoclosure () -> String,
        file: StaticString = #fileID, function: StaticString = #function, line: Int = #line
    ) {
        guard let category, gst_debug_category_get_threshold(category).rawValue >= level.rawValue else { return }
        file.withUTF8Buffer { file in
            function.withUTF8Buffer { function in
                // Static strings are null-terminated.
                guard let file = file.baseAddress, let function = function.baseAddress else { return }
                file.withMemoryRebound(to: CChar.self, capacity: 1) { file in
                    function.withMemoryRebound(to: CChar.self, capacity: 1) { function in
                        gst_debug_log_literal(category, level, file, function, gint(clamping: line), object, message())
                    }
                }
            }
        }
    }
}

extension Element {
    /// Logs events of each frame, for developers (`GST_LEVEL_LOG`).
    public func trace(
        _ message: @autoclosure () -> String, file: StaticString = #fileID, function: StaticString = #function,
        line: Int = #line
    ) {
        write(GST_LEVEL_LOG, message(), file, function, line)
    }

    /// Logs occasional events, for developers (`GST_LEVEL_DEBUG`).
    public func debug(
        _ message: @autoclosure () -> String, file: StaticString = #fileID, function: StaticString = #function,
        line: Int = #line
    ) {
        write(GST_LEVEL_DEBUG, message(), file, function, line)
    }

    /// Logs decisions (`GST_LEVEL_INFO`).
    public func info(
        _ message: @autoclosure () -> String, file: StaticString = #fileID, function: StaticString = #function,
        line: Int = #line
    ) {
        write(GST_LEVEL_INFO, message(), file, function, line)
    }

    /// Logs problems (`GST_LEVEL_WARNING`).
    public func warn(
        _ message: @autoclosure () -> String, file: StaticString = #fileID, function: StaticString = #function,
        line: Int = #line
    ) {
        write(GST_LEVEL_WARNING, message(), file, function, line)
    }

    private func write(
        _ level: GstDebugLevel, _ message: @autoclosure () -> String, _ file: StaticString, _ function: StaticString,
        _ line: Int
    ) {
        debugCategory.log(level, object, message(), file: file, function: function, line: line)
    }
}
