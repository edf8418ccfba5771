import CGStreamer

/// A debug category: what `GST_DEBUG=name:level` shows.
public final class DebugCategory: @unchecked Sendable {
    private let category: UnsafeMutablePointer<GstDebugCategory>?

    /// The category `name`, made if there is none.
    public init(_ name: String, about description: String) {
        category = _gst_debug_category_new(name, 0, description)
    }

    /// Writes a line, if anyone wants to see the level.
    public func log(
        _ level: GstDebugLevel, _ object: UnsafeMutablePointer<GObject>?, _ message: @autoclosure () -> String,
        file: StaticString = #fileID, function: StaticString = #function, line: Int = #line
    ) {
        guard let category, gst_debug_category_get_threshold(category).rawValue >= level.rawValue else { return }
        file.withUTF8Buffer { file in
            function.withUTF8Buffer { function in
                // Static strings of the compiler end with a zero.
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
    /// For developers: what happens to each frame.
    public func trace(
        _ message: @autoclosure () -> String, file: StaticString = #fileID, function: StaticString = #function,
        line: Int = #line
    ) {
        write(GST_LEVEL_LOG, message(), file, function, line)
    }

    /// For developers: what happens now and then.
    public func debug(
        _ message: @autoclosure () -> String, file: StaticString = #fileID, function: StaticString = #function,
        line: Int = #line
    ) {
        write(GST_LEVEL_DEBUG, message(), file, function, line)
    }

    /// For users who ask: what was decided.
    public func info(
        _ message: @autoclosure () -> String, file: StaticString = #fileID, function: StaticString = #function,
        line: Int = #line
    ) {
        write(GST_LEVEL_INFO, message(), file, function, line)
    }

    /// For every user: something is not as it should be.
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
