import Flow
import Imaging

/// Goes through a clip once: splits it into shots, and keeps of each the stretches that differ most.
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
    ///   - next: gives the frames.
    ///   - keep: gets the stretches of each shot, in their order.
    func scan(_ next: () throws -> Photograph?, keep: (ClipStretch) throws -> Void) throws {
        var last: (pyramid: FlowPyramid, pair: FlowPair?)?
        var window = Window()
        var shot = Shot(most: settings.stretchesPerShot)
        var kept = 0
        while kept < settings.stretchesPerClip, let frame = try next() {
            let pyramid = estimator.prepare(frame.luma(threads: threads))
            var link: ClipStretch.Link?
            if let before = last, let pair = pair(from: pyramid, to: before.pyramid, startingFrom: before.pair) {
                link = window.isEmpty ? nil : self.link(pair)
                last = (pyramid, pair)
            } else {
                // A cut, another size, or the first frame.
                for stretch in shot.end() {
                    kept += 1
                    try keep(stretch)
                }
                window = Window()
                last = (pyramid, nil)
            }
            window.append(frame, link)
            if window.frames.count == settings.stretchLength {
                shot.add(window.stretch)
                window = Window()
            }
        }
        for stretch in shot.end() { try keep(stretch) }
    }

    /// Nil where nothing leads from one frame to the other.
    private func pair(
        from current: FlowPyramid, to earlier: FlowPyramid, startingFrom previous: FlowPair?
    ) -> FlowPair? {
        guard current.width == earlier.width, current.height == earlier.height else { return nil }
        let pair = estimator.estimate(from: current, to: earlier, startingFrom: previous)
        return detector.isCut(from: current, to: earlier, flow: pair) ? nil : pair
    }

    private func link(_ pair: FlowPair) -> ClipStretch.Link {
        func way(_ flow: FlowField, _ reverse: FlowField) -> ClipStretch.Way {
            let certainty = check.certainty(of: flow, reverse: reverse, threads: threads)
                .minimumFiltered(size: settings.minimumFilter, threads: threads)
            return ClipStretch.Way(flow, certainty: certainty)
        }
        return ClipStretch.Link(
            backward: way(pair.backward, pair.forward), forward: way(pair.forward, pair.backward))
    }
}

/// The frames of a stretch as they come.
private struct Window {
    var frames: [Photograph] = []
    private var links: [ClipStretch.Link] = []
    private var difference = 0.0

    var isEmpty: Bool { frames.isEmpty }

    /// - Parameter link: to the frame before; nil for the first.
    mutating func append(_ frame: Photograph, _ link: ClipStretch.Link?) {
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

    var stretch: ClipStretch { ClipStretch(frames: frames, links: links, difference: difference) }
}

/// The stretches of a shot that differ most.
private struct Shot {
    let most: Int
    private var best: [(place: Int, stretch: ClipStretch)] = []
    private var count = 0

    init(most: Int) { self.most = most }

    mutating func add(_ stretch: ClipStretch) {
        count += 1
        // Where nothing changes there is nothing to learn that a photograph does not teach.
        guard stretch.difference > 0 else { return }
        best.append((count, stretch))
        guard best.count > most else { return }
        let least = best.indices.min { best[$0].stretch.difference < best[$1].stretch.difference }
        if let least { best.remove(at: least) }
    }

    /// What was found, in its order; the next shot begins.
    mutating func end() -> [ClipStretch] {
        defer { self = Shot(most: most) }
        return best.sorted { $0.place < $1.place }.map(\.stretch)
    }
}
