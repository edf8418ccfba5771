/// Contents of synthetic training sequences.
///
/// One motion is drawn per sequence, by weight. Effects are added to any motion, each to a share of the sequences.
public struct SequenceMix: Sendable, Equatable {
    // MARK: Motions: weights, 0 or more

    /// No motion.
    public var still: Double = 1
    /// Constant translation of the camera.
    public var shift: Double = 2
    /// Zoom and translation.
    public var zoom: Double = 1
    /// Rotation about the optical axis and translation.
    public var rotation: Double = 0.5
    /// Video clips, if there are any: see ``MixedSource``.
    public var video: Double = 4.5
    /// From one cube face to the next, for spherical video: see ``FaceBorderSequences``.
    public var sphere: Double = 0

    // MARK: Effects: shares of the sequences, 0...1

    /// Exposure changes from frame to frame.
    public var brightness: Double = 0.15
    /// Sensor noise, new in each frame.
    public var noise: Double = 0.33
    /// Moving foreground objects.
    public var occluders: Double = 0.25
    /// Blocks marked uncertain although the flow is right, like false positives of the occlusion check; a share of the
    /// frames.
    public var blocks: Double = 0.5

    /// Standard deviation of a constant error of each frame's flow, in pixels, as in estimated flow; 0: exact flow.
    public var jitter: Double = 0.15

    /// The default of `pentimento train`.
    public init() {}

    /// Total weight of the camera motions over photographs.
    public var synthetic: Double { still + shift + zoom + rotation }

    /// All weights and shares 0, exact flow.
    public static let nothing: SequenceMix = {
        var mix = SequenceMix()
        for name in names { mix[keyPath: name.path] = 0 }
        return mix
    }()

    /// Parses the format of `description`, for example `shift:1,zoom:0.5,noise:0.3`; missing entries are 0.
    /// - Throws: an error if a name is unknown or repeated, a value is out of range, or no motion has a weight.
    public init(parsing text: String) throws(TrainingDataError) {
        self = .nothing
        var seen: Set<String> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false)
            let name = pair.first.map(String.init) ?? ""
            guard pair.count == 2, let known = SequenceMix.names.first(where: { $0.name == name }) else {
                throw TrainingDataError(
                    "mix: \"\(part)\" is not understood; it is a list such as shift:1,zoom:0.5 of "
                        + SequenceMix.names.map(\.name).joined(separator: ", "))
            }
            guard seen.insert(name).inserted else { throw TrainingDataError("mix: \(name) is given twice") }
            guard let value = Double(pair[1]), value.isFinite, known.range.contains(value) else {
                throw TrainingDataError(
                    "mix: \(name) is \"\(pair[1])\"; it must be a number "
                        + (known.range.upperBound == 1 ? "of 0...1" : "from 0 to \(Int(known.range.upperBound))"))
            }
            self[keyPath: known.path] = value
        }
        guard synthetic + video + sphere > 0 else {
            throw TrainingDataError(
                "mix: has no motion; add still, shift, zoom, rotation, video or sphere, for example shift:1")
        }
    }

    private struct Name: Sendable {
        let name: String
        nonisolated(unsafe) let path: WritableKeyPath<SequenceMix, Double>
        let range: ClosedRange<Double>
    }

    private static let names = [
        Name(name: "still", path: \.still, range: 0...1000), Name(name: "shift", path: \.shift, range: 0...1000),
        Name(name: "zoom", path: \.zoom, range: 0...1000), Name(name: "rotation", path: \.rotation, range: 0...1000),
        Name(name: "video", path: \.video, range: 0...1000), Name(name: "sphere", path: \.sphere, range: 0...1000),
        Name(name: "brightness", path: \.brightness, range: 0...1), Name(name: "noise", path: \.noise, range: 0...1),
        Name(name: "occluders", path: \.occluders, range: 0...1), Name(name: "blocks", path: \.blocks, range: 0...1),
        Name(name: "jitter", path: \.jitter, range: 0...4),
    ]
}

extension SequenceMix: CustomStringConvertible {
    /// As ``init(parsing:)`` reads it; what is 0 is left out.
    public var description: String {
        SequenceMix.names.filter { self[keyPath: $0.path] != 0 }.map { "\($0.name):\(self[keyPath: $0.path])" }
            .joined(separator: ",")
    }
}
