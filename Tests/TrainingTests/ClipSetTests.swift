import FoundationEssentials
import Imaging
import Support
import TestSupport
import Testing
import Training

/// Synthetic clips: one for each file of a folder, drawn instead of decoded.
private final class ClipFolder {
    let path = FileManager.default.temporaryDirectory.path + "/pentimento-clips-\(UUID().uuidString)"
    var cache: String { "\(path)-cache" }
    /// Names of the opened clips.
    private(set) var opened: [String] = []
    private var clips: [String: [Image]] = [:]

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        try? FileManager.default.removeItem(atPath: cache)
    }

    func add(_ name: String, _ frames: [Image]) throws {
        try Files.write(Array(name.utf8), to: "\(path)/\(name)")
        clips[name] = frames
    }

    func set(_ settings: ClipSet.Settings = ClipFolder.settings, seed: UInt64 = 1) throws -> ClipSet {
        try ClipSet(folder: path, cache: cache, settings: settings, seed: seed, open: open)
    }

    /// A clip without frames cannot be opened; a frame of one pixel stands for a damaged file.
    func open(_ path: String) throws -> ClipSet.FrameSource {
        let name = String(path.split(separator: "/").last ?? "")
        opened.append(name)
        guard let frames = clips[name], !frames.isEmpty else { throw TrainingDataError("\(path): is no video") }
        var next = 0
        return {
            guard next < frames.count else { return nil }
            next += 1
            if frames[next - 1].pixelCount == 1 { throw TrainingDataError("\(path): is damaged") }
            return frames[next - 1]
        }
    }

    static var settings: ClipSet.Settings {
        var settings = ClipSet.Settings()
        settings.segmentLength = 4
        settings.segmentsPerShot = 2
        return settings
    }

    /// Grains of three pixels that move one pixel to the right per frame; they do not match other shots.
    static func grainyShot(frames: Int, seed: UInt64) -> [Image] {
        var generator = SeededGenerator(seed: seed)
        let grains = (0..<27 * 60).map { _ in Float.random(in: 0...255, using: &generator) }
        return (0..<frames).map { frame in
            let values = (0..<80 * 96).map { grains[$0 / 96 / 3 * 60 + ($0 % 96 + 60 - frame) / 3] }
            return Image(width: 96, height: 80, samples: values + values + values)
        }
    }

    /// A texture that moves to the right by a number of pixels per frame.
    static func shot(_ steps: [Double], seed: UInt64 = 1, width: Int = 96, height: Int = 80) -> [Image] {
        let texture = MovingTexture(seed: seed)
        var shift = 0.0
        return ([0] + steps).map { step in
            shift += step
            let plane = texture.frame(width: width, height: height) { ($0 - shift, $1) }
            let values = plane.values.map(Float.init)
            return Image(width: width, height: height, samples: values + values + values)
        }
    }
}

@Suite struct ClipSetTests {
    @Test func theFlowLeadsFromFrameToFrame() throws {
        let folder = try ClipFolder()
        try folder.add("pan.mp4", ClipFolder.shot(Array(repeating: 2.5, count: 7)))
        let clips = try folder.set()
        #expect(clips.segmentCount == 2 && clips.skipped.isEmpty && clips.warnings.isEmpty)
        var directions: Set<Float> = []
        for frames in [1, 2, 4, 9] {
            for sequence in try clips.batch(step: frames, count: 12, frames: frames, size: 64) {
                #expect(sequence.frames.count == frames && sequence.frames[0].width == 64)
                for (index, motion) in sequence.motions.enumerated() {
                    let (typical, _, certain) = sequence.difference(after: index)
                    #expect(typical < 3 && certain > 0.8, "\(typical), \(certain) certain")
                    let middle = motion.flow.u[32 * 64 + 32]
                    #expect(abs(abs(middle) - 2.5) < 0.25)
                    directions.insert(middle.sign == .minus ? -1 : 1)
                    // Pixels from beyond the window are uncertain.
                    for x in 0..<64 where !(0...63).contains(Float(x) + motion.flow.u[20 * 64 + x]) {
                        #expect(motion.certainty[x, 20] == 0)
                    }
                }
            }
        }
        #expect(directions == [-1, 1])
    }

    @Test func shotsAreSplitAndTheSegmentsWithMostMotionKept() throws {
        let folder = try ClipFolder()
        // In the first shot segments 2 and 4 move most; the second shot has one complete segment; the third none.
        let first = ClipFolder.shot([0.5, 0.5, 0.5, 0.5, 4, 4, 4, 0.5, 0.5, 0.5, 0.5, 0.5, 3, 3, 3])
        let second = ClipFolder.grainyShot(frames: 5, seed: 50)
        let third = ClipFolder.grainyShot(frames: 3, seed: 90)
        try folder.add("cuts.mp4", first + second + third)
        let clips = try folder.set()
        #expect(clips.segmentCount == 3)
        // No flow crosses a cut: all vectors are as short as the motion.
        var fastest: Set<Int> = []
        for sequence in try clips.batch(step: 0, count: 40, frames: 4, size: 80) {
            let vectors = sequence.motions.map { abs($0.flow.u[40 * 80 + 40]) }
            fastest.insert(Int((vectors.max() ?? 0).rounded()))
        }
        #expect(fastest == [1, 3, 4])
    }

    @Test func segmentsAreCached() throws {
        let folder = try ClipFolder()
        try folder.add("a.mp4", ClipFolder.shot([1, 1, 1, 1, 1, 1, 1]))
        try folder.add("b.mp4", ClipFolder.shot([2, 2, 2], seed: 5))
        let first = try folder.set()
        #expect(folder.opened == ["a.mp4", "b.mp4"])
        let second = try folder.set()
        #expect(folder.opened.count == 2 && first.fingerprint == second.fingerprint)
        let batches = try [first, second].map { try $0.batch(step: 3, count: 5, frames: 3, size: 40) }
        for (mine, theirs) in zip(batches[0], batches[1]) { #expect(mine.isSame(as: theirs)) }
        for (mine, other) in zip(batches[0], try folder.set(seed: 2).batch(step: 3, count: 5, frames: 3, size: 40)) {
            #expect(!mine.isSame(as: other))
        }
        // A changed file, other settings or a damaged cache cause a new scan.
        try Files.write(Array("longer than before".utf8), to: "\(folder.path)/b.mp4")
        let changed = try folder.set()
        #expect(changed.fingerprint != first.fingerprint)
        #expect(folder.opened == ["a.mp4", "b.mp4", "b.mp4"])
        var settings = ClipFolder.settings
        settings.minimumFilter = 1
        #expect(try folder.set(settings).fingerprint == changed.fingerprint)
        #expect(folder.opened.count == 5)
        for name in Files.names(in: folder.cache) where name.hasSuffix(".stretch") {
            let bytes = try Files.read("\(folder.cache)/\(name)")
            try Files.write(Array(bytes.dropLast()), to: "\(folder.cache)/\(name)")
        }
        _ = try folder.set()
        #expect(folder.opened.count == 7)
    }

    @Test func theCacheIsBounded() throws {
        let folder = try ClipFolder()
        try folder.add("a.mp4", ClipFolder.shot([1, 1, 1]))
        _ = try folder.set()
        func size() -> Int {
            Files.names(in: folder.cache).reduce(0) {
                $0 + ((try? Files.start(of: "\(folder.cache)/\($1)", count: 0).fileLength) ?? 0)
            }
        }
        var settings = ClipFolder.settings
        settings.cacheLimit = size() * 3 / 2
        // Another clip replaces the first.
        try FileManager.default.removeItem(atPath: "\(folder.path)/a.mp4")
        try folder.add("b.mp4", ClipFolder.shot([2, 2, 2], seed: 5))
        let clips = try folder.set(settings)
        #expect(clips.segmentCount == 1 && size() <= settings.cacheLimit)
        // If both clips are in this training run, there is room for one, which is kept.
        try folder.add("c.mp4", ClipFolder.shot([3, 3, 3], seed: 6))
        let both = try folder.set(settings)
        #expect(both.segmentCount == 1 && both.skipped.map(\.file) == ["c.mp4"] && size() <= settings.cacheLimit)
        #expect(both.skipped[0].reason.contains("cache folder"))
        _ = try both.batch(step: 0, count: 2, frames: 2, size: 32)
    }

    @Test func unusableFilesAreReported() throws {
        let folder = try ClipFolder()
        try folder.add("damaged.mp4", ClipFolder.shot([1, 1, 1, 1]) + [Image(width: 1, height: 1)])
        try folder.add("good.mp4", ClipFolder.shot([1, 1, 1]))
        try folder.add("none.txt", [])
        try folder.add("small.mp4", ClipFolder.shot([1, 1, 1], width: 32, height: 30))
        try folder.add("still.mp4", ClipFolder.shot([0, 0, 0, 0]))
        try folder.add("two.mp4", ClipFolder.shot([1]))
        let clips = try folder.set()
        #expect(clips.skipped.map(\.file) == ["none.txt", "small.mp4", "still.mp4", "two.mp4"])
        #expect(clips.skipped[0].reason == "is no video" && clips.skipped[1].reason.contains("32 x 30"))
        // Frames before the damage are used.
        #expect(clips.segmentCount == 2)
        for name in ["damaged.mp4", "good.mp4"] { try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)") }
        do {
            _ = try folder.set()
            Issue.record("a folder without clips was taken")
        } catch let error as TrainingDataError {
            #expect(error.description.contains("there are no videos to train with"))
        }
        #expect(throws: TrainingDataError.self) {
            try ClipSet(folder: "\(folder.path)/none", cache: folder.cache, seed: 1, open: folder.open)
        }
        #expect(throws: FileError.self) {
            try ClipSet(folder: folder.path, cache: "/proc/pentimento", seed: 1, open: folder.open)
        }
    }

    @Test func smallFramesAreEnlargedAndSomeHeldBack() throws {
        let folder = try ClipFolder()
        for index in 0..<9 {
            try folder.add("\(index).mp4", ClipFolder.shot([2, 2, 2], seed: UInt64(index), width: 64, height: 64))
        }
        let clips = try folder.set()
        #expect(clips.segmentCount == 8)
        let validation = try clips.validation(frames: 11, size: 96)
        #expect(validation.count == 1 && validation[0].frames.count == 11)
        for sequence in try clips.batch(step: 0, count: 3, frames: 3, size: 96) + validation {
            for index in sequence.motions.indices {
                #expect(sequence.frames[index].width == 96)
                // Two pixels of 64 are three of 96.
                #expect(abs(abs(sequence.motions[index].flow.u[48 * 96 + 48]) - 3) < 0.4)
                #expect(sequence.difference(after: index).typical < 4)
            }
        }
    }
}
