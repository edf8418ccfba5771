import CGStreamer

/// Is told of a meta that others have made or changed and that cannot be used: its kind, and what is wrong.
public typealias MetaComplaint = (_ kind: String, _ problem: String) -> Void

/// What the numbers in a meta may be. Whoever likes may attach one, or change it on its way.
enum MetaLimits {
    /// Pixels of a payload's side.
    static let sides = 1...guint(1 << 20)
    /// Frames back to a reference.
    static let distances = 1...guint(FlowReferences.farthest)

    /// Pixels of a payload; nil for sizes that none has.
    static func pixelCount(_ width: guint, _ height: guint) -> Int? {
        sides.contains(width) && sides.contains(height) ? Int(width) * Int(height) : nil
    }
}
