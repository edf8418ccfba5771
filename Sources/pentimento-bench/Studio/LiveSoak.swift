import Dispatch
import Glibc
import Imaging
import LivePipeline
import MediaIO
import Studio
import Support
import Synchronization

/// Plays many frames of a small size with everything changed at random meanwhile. Memory, threads and open files must
/// not grow, no frame may be old, and no change may be lost.
enum LiveSoak {
    static let usage = "[FRAMES] (20000)"
    /// Allowed memory growth in megabytes from a quarter of the frames to the end, due to fragmentation.
    private static let allowance = 24
    /// Seconds from input to output that none may exceed, also while networks are planned beside it.
    private static let longestDelay = 2.0

    private struct Reading {
        var megabytes = residentMegabytes("VmRSS")
        var files = Files.names(in: "/proc/self/fd").count
        var threads = Files.names(in: "/proc/self/task").count
    }

    static func run(_ arguments: [String]) throws {
        let frames = arguments.first.flatMap { Int($0) } ?? 20_000
        guard frames >= 100 else { throw BenchmarkError("usage: pentimento-bench soak-live \(usage)") }
        let folder = try PrivateFolder()
        var settings = LivePipeline.Settings()
        settings.input = .elements(
            "videotestsrc pattern=ball foreground-color=0xffe0e0e0 background-color=0xff808080 ! video/x-raw,format=I420,width=64,height=36,framerate=100/1 "
                + "! identity sleep-time=1000 ! identity error-after=5000",
            name: "camera")
        settings.outputs = [
            .elements("videoconvert ! fakesink name=sink sync=false", name: "sink"),
            .elements("videoconvert ! identity error-after=200 ! fakesink name=sink sync=false", name: "failing"),
        ]
        settings.folder = folder.path
        let painting = try LivePipeline(settings, styles: LiveStyles(), state: StudioState())
        try painting.start()
        guard try painting.facts(within: 60) != nil else { throw BenchmarkError("no picture came") }
        var control = RandomControl(painting, styles: painting.styles.map(\.name))
        var longest = 0.0
        var readings: [Reading] = []
        while painting.frameCount < frames {
            if control.changes % 50 == 49 { try control.check() } else { control.step() }
            usleep(20_000)
            longest = max(longest, painting.statistics.delay)
            guard painting.frameCount >= frames * (readings.count + 1) / 4 - 50, readings.count < 4 else { continue }
            let reading = Reading()
            readings.append(reading)
            print(
                "frame \(painting.frameCount): \(reading.megabytes) MB resident, \(reading.files) open files, "
                    + "\(reading.threads) threads, longest delay \(Int(longest * 1000)) ms")
            fflush(nil)
        }
        control.end()
        painting.stop()
        guard let first = readings.first, let last = readings.last else { throw BenchmarkError("too few frames") }
        guard last.megabytes <= first.megabytes + allowance, last.files <= first.files + 16,
            last.threads <= first.threads + 16
        else { throw BenchmarkError("memory, threads or open files have grown") }
        guard longest < longestDelay else { throw BenchmarkError("a frame was \(longest) seconds old") }
        print(
            "\(painting.frameCount) frames, \(control.pictures) previews, \(control.changes) changes, of which "
                + "\(control.checks) were looked for in the frames, and found")
    }
}

/// Changes the state at random, and reads previews, thumbnails and snapshots.
private struct RandomControl {
    private let painting: LivePipeline
    private let styles: [String]
    private var state = StudioState()
    private var random = SplitMix(seed: 20)
    private var reader: Task<Void, Never>?
    private let counter = Counter()
    private(set) var changes = 0
    private(set) var checks = 0

    /// Frames within which a change has to be seen: some are on their way, and while the input is away the last one stays.
    private static let patience = 20

    var pictures: Int { counter.value }

    init(_ painting: LivePipeline, styles: [String]) { (self.painting, self.styles) = (painting, styles) }

    private final class Counter: @unchecked Sendable {
        private(set) var value = 0

        func add() { value += 1 }
    }

    mutating func step() {
        changes += 1
        state.fade = Double(random.nextUnit())
        switch random.next() % 40 {
        case 0...9: state.style = styles[Int(random.next() % UInt64(styles.count))]
        case 10...19:
            state.secondStyle = styles[Int(random.next() % UInt64(styles.count))]
            state.blend = Double(random.nextUnit())
        case 20...29: (state.strength, state.coherence) = (Double(random.nextUnit()), 8 * Double(random.nextUnit()) - 4)
        case 30...31: state.brush = 0.5 + 1.5 * Double(random.nextUnit())
        case 32: state.isOriginal.toggle()
        case 33: state.isRecording.toggle()
        case 34...36: togglePreview()
        case 37:
            let (painting, style) = (painting, styles[Int(random.next() % UInt64(styles.count))])
            Task { _ = try? await painting.thumbnail(of: style, width: 64) }
        case 38:
            let painting = painting
            Task { if let path = try? await painting.snapshot() { Files.remove(path) } }
        default: state.preserveColor.toggle()
        }
        painting.apply(state)
    }

    private mutating func togglePreview() {
        if let reader {
            reader.cancel()
            self.reader = nil
            return
        }
        let (painting, counter) = (painting, counter)
        reader = Task { for await _ in painting.previews(width: 64, rate: 20) { counter.add() } }
    }

    func end() { reader?.cancel() }

    /// Changes between input and painting, and looks whether that is seen.
    mutating func check() throws {
        changes += 1
        checks += 1
        state.strength = 1
        (state.style, state.secondStyle, state.preserveColor, state.fade) = ("scream", "", false, 0)
        state.isOriginal.toggle()
        painting.apply(state)
        for _ in 0..<Self.patience where try isInput() == state.isOriginal { return }
        throw BenchmarkError("a change was lost: isOriginal \(state.isOriginal)")
    }

    /// Whether the next frame is the input's, which has two levels of grey but for a ball's edge.
    private func isInput() throws -> Bool {
        let answer = Answer()
        let painting = painting
        Task {
            var result: Result<String, any Error>
            do { result = .success(try await painting.snapshot()) } catch { result = .failure(error) }
            answer.path.withLock { [result] in $0 = result }
            answer.isThere.signal()
        }
        answer.isThere.wait()
        guard let path = try answer.path.withLock({ $0 })?.get() else { return false }
        defer { Files.remove(path) }
        let samples = try Image(contentsOf: path).samples
        return samples.count { abs($0 - 128) < 8 || abs($0 - 224) < 8 } * 10 > samples.count * 8
    }

    private final class Answer: Sendable {
        let isThere = DispatchSemaphore(value: 0)
        let path = Mutex<Result<String, any Error>?>(nil)
    }
}
