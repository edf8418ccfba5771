import Glibc

/// The user's own files.
package enum UserData {
    /// Path of a file or folder among them; nil if neither `XDG_DATA_HOME` nor `HOME` is set. It need not exist.
    package static func path(_ name: String) -> String? {
        (variable("XDG_DATA_HOME") ?? variable("HOME").map { "\($0)/.local/share" }).map { "\($0)/pentimento/\(name)" }
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).flatMap { $0.pointee == 0 ? nil : String(cString: $0) }
    }
}
