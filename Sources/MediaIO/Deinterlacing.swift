/// What a conversion does with interlaced frames. Painted as they are, their lines would become combs.
public enum Deinterlacing: String, CaseIterable, Sendable {
    /// Frames that are marked as interlaced are made progressive, one of each.
    case auto
    /// All frames are taken as interlaced.
    case on
    /// As `auto`, with a frame for each of the two moments: 50 a second of 25.
    case fields
    /// Frames stay as they are.
    case off

    package var element: String {
        let mode =
            switch self {
            case .auto, .fields: "auto"
            case .on: "interlaced"
            case .off: "disabled"
            }
        // The other methods of 1.22 repeat the last frame and lose the first one.
        return "deinterlace mode=\(mode) fields=\(self == .fields ? "all" : "top") method=linear"
    }
}
