import Dispatch
import Glibc
import GstPentimento
import LivePipeline
import MediaIO
import Studio
import Style
import Support
import Synchronization

/// Measures after how many painted frames a change of the studio's state is seen, by the frames that an output gets.
enum StudioChanges {
    static let usage = "[WIDTHxHEIGHT [QUALITY [CHANGES]]] (640x360 live 40)"

    /// Levels of a frame's mean that a change makes at least.
    private static let threshold = 2.0

    static func run(_ arguments: [String]) throws {
        let size = (arguments.first ?? "640x360").split(separator: "x").compactMap { Int($0) }
        let quality = Quality(rawValue: arguments.count > 1 ? arguments[1] : "live")
        let count = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 40
        guard size.count == 2, let quality, count > 0 else {
            throw BenchmarkError("usage: pentimento-bench studio-changes \(usage)")
        }
        let folder = try PrivateFolder()
        let pipe = "\(folder.path)/frames"
        guard mkfifo(pipe, 0o600) == 0 else { throw BenchmarkError("no pipe") }
        let frames = FrameReadings(pipe)
        var settings = LivePipeline.Settings()
        settings.input = .elements(
            "videotestsrc is-live=true pattern=smpte75 "
                + "! video/x-raw,format=NV12,width=\(size[0]),height=\(size[1]),framerate=240/1", name: "camera")
        settings.quality = quality
        settings.outputs = [
            .elements(
                "videoconvert ! videoscale ! video/x-raw,format=GRAY8,width=16,height=16 "
                    + "! filesink name=sink sync=false buffer-mode=unbuffered location=\(pipe)", name: "pipe")
        ]
        let painting = try LivePipeline(settings, styles: LiveStyles(), state: StudioState())
        try painting.start()
        defer { painting.stop() }
        guard try painting.facts(within: 60) != nil else { throw BenchmarkError("no picture came") }
        usleep(2_000_000)
        for (name, one, other) in try changes() {
            var counts: [Int: Int] = [:]
            for index in 0..<count {
                usleep(UInt32(200_000 + 7_919 * index % 30_000))
                let before = frames.last
                painting.apply(index % 2 == 0 ? other : one)
                guard let seen = frames.wait(after: before, by: threshold) else {
                    throw BenchmarkError("\(name): a change was not seen")
                }
                counts[seen, default: 0] += 1
            }
            painting.apply(StudioState())
            usleep(500_000)
            let text = counts.sorted { $0.key < $1.key }.map { "\($0.value) in frame \($0.key)" }
            print("\(name): \(text.joined(separator: ", ")) after the change")
        }
    }

    private static func changes() throws -> [(name: String, one: StudioState, other: StudioState)] {
        var base = StudioState()
        base.fade = 0
        func changed(_ change: (inout StudioState) -> Void) -> StudioState {
            var state = base
            change(&state)
            return state
        }
        return [
            ("strength", base, changed { $0.strength = 0 }),
            ("original picture", base, changed { $0.isOriginal = true }),
            ("style", base, changed { $0.style = "great-wave" }),
            ("blend", base, changed { ($0.secondStyle, $0.blend) = ("great-wave", 0.9) }),
        ]
    }
}

/// Mean levels of the frames that come through a pipe.
private final class FrameReadings: Sendable {
    private let levels = Mutex<[Double]>([])

    init(_ path: String) {
        DispatchQueue(label: "frames").async {
            let file = open(path, O_RDONLY)
            var bytes = [UInt8](repeating: 0, count: 256)
            var filled = 0
            while true {
                let count = bytes.withUnsafeMutableBytes {
                    read(file, $0.baseAddress.map { $0 + filled }, 256 - filled)
                }
                guard count > 0 else { break }
                filled += count
                guard filled == 256 else { continue }
                filled = 0
                let mean = Double(bytes.reduce(0) { $0 + Int($1) }) / 256
                self.levels.withLock { $0.append(mean) }
            }
            close(file)
        }
    }

    /// Number of frames so far, and the level of the last.
    var last: (count: Int, level: Double) { levels.withLock { ($0.count, $0.last ?? 0) } }

    /// Waits until a frame differs from an earlier one.
    ///
    /// - Returns: how many frames came until then, with it; nil: none does for seconds.
    func wait(after frame: (count: Int, level: Double), by threshold: Double) -> Int? {
        for _ in 0..<5000 {
            let index = levels.withLock { levels in
                levels.indices.dropFirst(frame.count).first { abs(levels[$0] - frame.level) > threshold }
            }
            if let index { return index - frame.count + 1 }
            usleep(1000)
        }
        return nil
    }
}
