import CGStreamer

/// Called with an invalid meta, made or changed by another element: its kind and what is wrong.
public typealias MetaWarning = (_ kind: String, _ problem: String) -> Void

/// Valid ranges of the numbers in a meta. Metas are checked since any element may attach or change one.
enum MetaLimits {
    /// Width or height of a payload in pixels.
    static let sides = 1...guint(1 << 20)
    /// Distance to a reference in frames.
    static let distances = 1...guint(FlowReferences.farthest)

    /// The number of pixels of a payload; nil for an invalid size.
    static func pixelCount(_ width: guint, _ height: guint) -> Int? {
        sides.contains(width) && sides.contains(height) ? Int(width) * Int(height) : nil
    }
}
