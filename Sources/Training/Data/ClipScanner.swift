import Flow
import Imaging

/// Scans a clip once: splits it into shots, and keeps the segments of each shot with the largest frame differences.
struct ClipScanner {
    private let settings: ClipSet.Settings
    private let threads: Int
    private let estimator: FlowEstimator
    private let detector = SceneCutDetector()
    private let check = ConsistencyCheck()

    init(settings: ClipSet.Settings, threads: Int) {
        self.settings = settings
        self.threads = threads
        estimator = FlowEstimator(preset: settings.flow, threads: threads)
    }

    /// - Parameters:
    ///   - next: returns the next frame; nil after the last.
    ///   - keep: receives the segments of each shot, in order.
    func scan(_ next: () throws -> Photograph?, keep: (ClipSegment) throws -> Void) throws {
        var last: (pyramid: FlowPyramid, pair: FlowPair?)?
        var window = Window()
        var shot = Shot(most: settings.segmentsPerShot)
        var kept = 0
        while kept < settings.segmentsPerClip, let frame = try next() {
            let pyramid = estimator.prepare(frame.luma(threads: threads))
            var link: ClipSegment.Link?
            if let before = last, let pair = pair(from: pyramid, to: before.pyramid, startingFrom: before.pair) {
                link = window.isEmpty ? nil : self.link(pair)
                last = (pyramid, pair)
            } else {
                // A cut, a change of size, or the first frame.
                for segment in shot.end() {
                    kept += 1
                    try keep(segment)
                }
                window = Window()
                last = (pyramid, nil)
            }
            window.append(frame, link)
            if window.frames.count == settings.segmentLength {
                shot.add(window.segment)
                window = Window()
            }
        }
        for segment in shot.end() { try keep(segment) }
    }

    /// The flow between two frames; nil after a cut.
    private func pair(
        from current: FlowPyramid, to earlier: FlowPyramid, startingFrom previous: FlowPair?
    ) -> FlowPair? {
        guard current.width == earlier.width, current.height == earlier.height else { return nil }
        let pair = estimator.estimate(from: current, to: earlier, startingFrom: previous)
        return detector.isCut(from: current, to: earlier, flow: pair) ? nil : pair
    }

    private func link(_ pair: FlowPair) -> ClipSegment.Link {
        func quantized(_ flow: FlowField, _ reverse: FlowField) -> ClipSegment.QuantizedFlow {
            let certainty = check.certainty(of: flow, reverse: reverse, threads: threads)
                .minimumFiltered(size: settings.minimumFilter, threads: threads)
            return ClipSegment.QuantizedFlow(flow, certainty: certainty)
        }
        return ClipSegment.Link(
            backward: quantized(pair.backward, pair.forward), forward: quantized(pair.forward, pair.backward))
    }
}

/// Collects the frames of a segment.
private struct Window {
    var frames: [Photograph] = []
    private var links: [ClipSegment.Link] = []
    private var difference = 0.0

    var isEmpty: Bool { frames.isEmpty }

    /// - Parameter link: flow to the previous frame; nil for the first.
    mutating func append(_ frame: Photograph, _ link: ClipSegment.Link?) {
        if let last = frames.last, let link {
            var sum = 0
            for (mine, theirs) in zip(last.bytes, frame.bytes) {
                let difference = Int(mine) - Int(theirs)
                sum += difference * difference
            }
            difference += Double(sum) / Double(frame.bytes.count)
            links.append(link)
        }
        frames.append(frame)
    }

    var segment: ClipSegment { ClipSegment(frames: frames, links: links, difference: difference) }
}

/// The segments of a shot with the largest frame differences.
private struct Shot {
    let most: Int
    private var best: [(index: Int, segment: ClipSegment)] = []
    private var count = 0

    init(most: Int) { self.most = most }

    mutating func add(_ segment: ClipSegment) {
        count += 1
        // A still segment teaches nothing that a photograph does not.
        guard segment.difference > 0 else { return }
        best.append((count, segment))
        guard best.count > most else { return }
        let least = best.indices.min { best[$0].segment.difference < best[$1].segment.difference }
        if let least { best.remove(at: least) }
    }

    /// Returns the segments in order and resets for the next shot.
    mutating func end() -> [ClipSegment] {
        defer { self = Shot(most: most) }
        return best.sorted { $0.index < $1.index }.map(\.segment)
    }
}
