/// What synthetic sequences show, and how often.
///
/// Motions are chosen against each other by weight; effects come on top of any motion, each in a share of the sequences.
public struct SequenceMix: Sendable, Equatable {
    // MARK: Motions: weights, 0 or more

    /// Nothing moves.
    public var still: Double = 1
    /// The camera moves steadily to one side.
    public var shift: Double = 2
    /// It comes nearer or goes back, and moves to one side.
    public var zoom: Double = 1
    /// It turns about its axis, and moves to one side.
    public var rotation: Double = 0.5
    /// Real footage, where there is any: see ``MixedSource``.
    public var video: Double = 4.5
    /// From a face of a cube to the one next to it, for spherical pictures: see ``FaceBorderSequences``.
    public var sphere: Double = 0

    // MARK: Effects: shares of the sequences, 0...1

    /// Exposure that changes from frame to frame.
    public var brightness: Double = 0.15
    /// Noise of a sensor, new in each frame.
    public var noise: Double = 0.33
    /// Things that move in front.
    public var occluders: Double = 0.25
    /// Frames with blocks that are called uncertain, as the check of an estimated flow does by mistake.
    public var blocks: Double = 0.5

    /// Standard deviation in pixels of what each frame's flow is wrong by, as an estimated flow is; 0: exact flow.
    public var jitter: Double = 0.15

    public init() {}

    /// The weight of all motions of a camera over photographs.
    public var synthetic: Double { still + shift + zoom + rotation }

    /// A mix that has nothing; exact flow.
    public static let nothing: SequenceMix = {
        var mix = SequenceMix()
        for name in names { mix[keyPath: name.path] = 0 }
        return mix
    }()

    /// Reads what `description` writes, for example `shift:1,zoom:0.5,noise:0.3`; what is not named is 0.
    /// - Throws: where a name is unknown or twice, a value is out of range, or there is no motion.
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
            guard seen.insert(name).inserted else { throw TrainingDataError("mix: \(name) is there twice") }
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
    public var description: String {
        SequenceMix.names.filter { self[keyPath: $0.path] != 0 }.map { "\($0.name):\(self[keyPath: $0.path])" }
            .joined(separator: ",")
    }
}
