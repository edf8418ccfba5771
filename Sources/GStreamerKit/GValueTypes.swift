import CGStreamer

/// GLib's fundamental types, which are macros that Swift cannot import.
enum FundamentalType {
    static let boolean = GType(5 << 2)
    static let int = GType(6 << 2)
    static let unsigned64 = GType(11 << 2)
    static let enumeration = GType(12 << 2)
    static let double = GType(15 << 2)
    static let string = GType(16 << 2)
}

extension String {
    /// A copy of a C string owned by GLib; empty for NULL.
    public init(glib text: UnsafePointer<CChar>?) {
        self = text.map { String(cString: $0) } ?? ""
    }
}

/// A C string that is never freed, for GLib's type system, which keeps the pointer.
public func staticCString(_ text: String) -> UnsafePointer<CChar> {
    let bytes = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { copy[index] = byte }
    return UnsafePointer(copy)
}
