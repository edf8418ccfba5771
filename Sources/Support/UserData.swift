import Glibc

/// The user's own files.
package enum UserData {
    /// Path of a file or folder among them; nil if neither `XDG_DATA_HOME` nor `HOME` is set. It need not exist.
    package static func path(_ name: String) -> String? {
        (environmentVariable("XDG_DATA_HOME") ?? environmentVariable("HOME").map { "\($0)/.local/share" }).map {
            "\($0)/pentimento/\(name)"
        }
    }
}

/// Value of an environment variable; nil if unset or empty.
package func environmentVariable(_ name: String) -> String? {
    getenv(name).flatMap { $0.pointee == 0 ? nil : String(cString: $0) }
}
