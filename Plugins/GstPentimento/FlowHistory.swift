import Flow
import GStreamerKit
import Imaging

/// The pyramids of the latest frames, back to the farthest reference.
struct FlowHistory {
    /// The settings that pyramids depend on. Pyramids of other settings are rebuilt when they are needed.
    struct Settings: Equatable {
        var preset: FlowPreset
        var scale: Double
    }

    private struct Entry {
        /// One for each image of the frame, as are its pyramids.
        let luma: [Plane<UInt8>]
        var pyramids: [FlowPyramid]
        var settings: Settings
    }

    /// The latest frame first.
    private var entries: [Entry] = []

    /// Number of stored frames.
    var count: Int { entries.count }

    /// Removes every frame.
    mutating func clear() { entries.removeAll() }

    /// Stores a frame and keeps at most `limit` frames in all.
    mutating func append(_ luma: [Plane<UInt8>], pyramids: [FlowPyramid], settings: Settings, limit: Int) {
        entries.insert(Entry(luma: luma, pyramids: pyramids, settings: settings), at: 0)
        if entries.count > limit { entries.removeLast(entries.count - limit) }
    }

    /// The pyramids of the frame `distance` before the next one to be appended; nil if there is none.
    mutating func pyramids(distance: Int, settings: Settings, by estimator: FlowEstimator) -> [FlowPyramid]? {
        guard entries.indices.contains(distance - 1) else { return nil }
        if entries[distance - 1].settings != settings {
            entries[distance - 1].pyramids = FlowHistory.prepare(entries[distance - 1].luma, settings, by: estimator)
            entries[distance - 1].settings = settings
        }
        return entries[distance - 1].pyramids
    }

    /// The pyramids of a frame's images, at the scale of the settings.
    static func prepare(_ luma: [Plane<UInt8>], _ settings: Settings, by estimator: FlowEstimator) -> [FlowPyramid] {
        luma.map { estimator.prepare($0.scaled(by: settings.scale)) }
    }
}

extension Plane where Value == UInt8 {
    /// The plane scaled by a factor of at most 1, to at least 1 x 1 pixels.
    fileprivate func scaled(by scale: Double) -> Plane<UInt8> {
        guard scale < 1 else { return self }
        let target = (
            width: max(Int((Double(width) * scale).rounded()), 1),
            height: max(Int((Double(height) * scale).rounded()), 1)
        )
        let image = Image(width: width, height: height, channels: 1, samples: values.map(Float.init))
            .resized(width: target.width, height: target.height, by: .linear)
        return Plane(
            width: target.width, height: target.height,
            values: image.samples.map { UInt8(max(0, min(255, $0.rounded()))) })
    }
}

/// The distances in the property `references`, such as "1,10,20,40".
struct FlowReferences: Equatable {
    /// Ascending, without repetition.
    let distances: [Int]

    static let farthest = 1000
    static let most = 32
    static let previousFrame = FlowReferences(distances: [1])

    private init(distances: [Int]) { self.distances = distances }

    /// - Throws: ``ElementError`` unless the text is a list of 1 to 32 whole numbers from 1 to 1000.
    init(_ text: String) throws {
        var distances: [Int] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let distance = Int(piece.filter { $0 != " " }), (1...Self.farthest).contains(distance) else {
                throw ElementError(
                    .settings, "references=\"\(text)\": \"\(piece)\" is not a distance in frames.",
                    remedy: "Write whole numbers from 1 to \(Self.farthest), separated by commas, such as 1,10,20,40.")
            }
            distances.append(distance)
        }
        guard distances.count <= Self.most else {
            throw ElementError(
                .settings, "references=\"\(text)\" names \(distances.count) frames.",
                remedy: "Name at most \(Self.most).")
        }
        self.distances = Set(distances).sorted()
    }
}
