import GStreamerKit
import Style
import Synchronization

/// Speed against quality, as settings of other properties.
package enum Quality: String, PropertyChoice {
    case auto
    case live
    case balanced
    case best

    package static let typeName = "PentimentoQuality"

    package var blurb: String {
        switch self {
        case .auto: "As live, but every frame is painted while there is time, if the source is live; else best"
        case .live: "The network paints every second frame with a slightly larger brush; flow of few pixels"
        case .balanced: "The network paints every frame; fast flow"
        case .best: "The network paints every frame; more accurate flow"
        }
    }

    /// Nil: the source decides.
    private var preset: PaintingPreset? {
        switch self {
        case .auto: nil
        case .live: .live
        case .balanced: .balanced
        case .best: .best
        }
    }

    /// Values of properties, by their names in `coherentstylize`.
    package var settings: [String: String] {
        guard let preset else { return ["every": "0", "brush": "1", "preset": "medium", "flow-pixels": "0"] }
        return [
            "every": "\(preset.every)", "brush": "\(preset.brush)", "preset": preset.flow.rawValue,
            "flow-pixels": "\(preset.flowPixels)",
        ]
    }

    /// - Parameter parts: names of the properties that it sets.
    static func property(parts: String) -> Property<Quality> {
        Property(
            "quality", nick: "Quality",
            blurb: "Sets those of \(parts) that are not set themselves: speed against quality", default: .auto,
            flags: .mutablePlaying)
    }
}

/// The properties of an element that were set themselves, which ``Quality`` leaves alone.
final class ChosenProperties: Sendable {
    private let names = Mutex<Set<String>>([])

    /// Records that a property was set.
    func insert(_ name: String) { names.withLock { _ = $0.insert(name) } }

    /// The settings of the other properties.
    func remaining(of quality: Quality) -> [String: String] {
        let chosen = names.withLock { $0 }
        return quality.settings.filter { !chosen.contains($0.key) }
    }
}
