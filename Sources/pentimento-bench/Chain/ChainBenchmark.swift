import Conversions
import Glibc
import GstPentimento
import Imaging
import MediaIO
import NeuralNet
import Style

/// Times the whole chain on a clip: frames per second, time per element, and the share outside network and flow.
enum ChainBenchmark {
    static let usage = "CLIP [MODEL [WIDTHxHEIGHT [THREADS [FORMAT]]]] (scream, 640x360, NV12; decoding apart)"

    static func run(_ arguments: [String]) throws {
        guard let clip = arguments.first else { throw BenchmarkError("usage: pentimento-bench chain \(usage)") }
        let bench = try Bench(Array(arguments.dropFirst()), defaultSize: "640x360")
        let source = bench.source(clip: clip)
        // As coherentstylize with quality=best, but without queues, so that the times of the elements add up. The first run
        // is a warm-up.
        let serial =
            "opticalflow preset=medium ! occlusioncheck forward=false ! flowwarp "
            + "! stylize name=stylizer threads=\(bench.threads)"
        _ = try bench.play(source, serial)
        let alone = try bench.play(source, serial)
        let network = try bench.networkMilliseconds()
        let whole = try bench.play(source, "coherentstylize name=stylizer threads=\(bench.threads)")

        for element in alone.times where element.buffers > 0 {
            print("\(element.element): \(rounded(element.seconds * 1000 / Double(element.buffers))) ms per frame")
        }
        let frame = alone.times.reduce(0) { $0 + $1.seconds } * 1000 / Double(alone.frames)
        let flow = alone.times.first { $0.element == "opticalflow" }.map { $0.seconds * 1000 / Double($0.buffers) } ?? 0
        print("network alone: \(rounded(network)) ms per frame (median)")
        print(
            "outside network and flow: \(rounded(100 * (frame - flow - network) / frame)) % of \(rounded(frame)) ms (must be at most 15 %)"
        )
        print("coherentstylize: \(rounded(Double(whole.frames) / whole.seconds)) frames per second")
    }
}

/// Measures the memory growth of the chain after frame 100.
enum MemoryBenchmark {
    static let usage = "MODEL [WIDTHxHEIGHT [THREADS [FORMAT [FRAMES]]]] (1024x436, all, NV12, 2000)"

    static func run(_ arguments: [String]) throws {
        guard !arguments.isEmpty else { throw BenchmarkError("usage: pentimento-bench memory \(usage)") }
        let bench = try Bench(arguments, defaultSize: "1024x436")
        let frames = arguments.count > 4 ? Int(arguments[4]) ?? 2000 : 2000
        var early: Int?
        var late = 0
        _ = try bench.play(bench.source(testFrames: frames), "coherentstylize name=stylizer threads=\(bench.threads)") {
            count in
            late = residentMegabytes("VmRSS")
            if count >= 100 && early == nil { early = late }
        }
        print("resident at frame 100: \(early ?? 0) MB, at frame \(frames): \(late) MB")
        print("peak: \(residentMegabytes("VmHWM")) MB (must be at most 400 MB)")
    }
}

/// Measures the time from the start of the process to the first output frame.
enum FirstFrameBenchmark {
    static let usage = "CLIP [MODEL [WIDTHxHEIGHT [THREADS]]] (scream, 640x360; from the start of the process)"

    static func run(_ arguments: [String]) throws {
        guard let clip = arguments.first else { throw BenchmarkError("usage: pentimento-bench first-frame \(usage)") }
        let bench = try Bench(Array(arguments.dropFirst()), defaultSize: "640x360")
        let reader = try FrameReader(
            MediaInput(clip),
            filter:
                "videoscale ! video/x-raw,width=\(bench.width),height=\(bench.height) ! videoconvert ! coherentstylize name=stylizer"
        )
        reader.set("model", of: "stylizer", to: bench.model)
        guard try reader.next() != nil else { throw BenchmarkError("\(clip): no frame") }
        print("first frame out after \(rounded(sinceProcessStart())) s (must be at most 1 s)")
    }

    private static func sinceProcessStart() -> Double {
        // Field 22 is the start time of the process in clock ticks since boot.
        let line = text(of: "/proc/self/stat")
        let fields = (line.lastIndex(of: ")").map { line[$0...] } ?? "").split(separator: " ")
        guard fields.count > 20, let ticks = Double(fields[20]) else { return .nan }
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

/// Parameters of a benchmark: model, frame size and number of threads.
struct Bench {
    let model: String
    let width: Int
    let height: Int
    let threads: Int
    let format: String

    init(_ arguments: [String], defaultSize: String) throws {
        startGStreamer()
        guard registerPentimentoElements() else { throw BenchmarkError("GStreamer refuses the elements") }
        model = try ModelLibrary.standard.path(of: arguments.first ?? "scream")
        let sides = (arguments.count > 1 ? arguments[1] : defaultSize).split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy({ $0 > 0 }) else { throw BenchmarkError("a size is WIDTHxHEIGHT") }
        (width, height) = (sides[0], sides[1])
        threads = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0
        format = arguments.count > 3 ? arguments[3] : "NV12"
    }

    private var caps: String {
        "videoconvert ! videoscale ! video/x-raw,format=\(format),width=\(width),height=\(height)"
    }

    /// Decodes a clip, up to 300 frames ahead.
    func source(clip: String) -> String {
        "filesrc location=\"\(clip)\" ! decodebin ! \(caps) ! queue max-size-buffers=300 max-size-bytes=0 max-size-time=0"
    }

    func source(testFrames: Int) -> String {
        "videotestsrc pattern=smpte horizontal-speed=3 num-buffers=\(testFrames) ! \(caps) ! queue max-size-buffers=2"
    }

    func play(
        _ source: String, _ elements: String, progress: (Int) -> Void = { _ in }
    ) throws -> (frames: Int, seconds: Double, times: [ElementTimes.Time]) {
        let pipeline = try Pipeline(
            parsing: "\(source) ! \(elements) ! identity name=end ! fakesink sync=false", input: "benchmark")
        pipeline.set("model", of: "stylizer", to: model)
        let times = ElementTimes(in: pipeline, factories: ["opticalflow", "occlusioncheck", "flowwarp", "stylize"])
        let end = ElementTimes(in: pipeline, factories: ["identity"])
        let clock = ContinuousClock()
        let duration = try clock.measure {
            try pipeline.run { () throws(MediaError) in
                progress(end.times.first?.buffers ?? 0)
                return .goOn
            }
        }
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        return (end.times.first?.buffers ?? 0, seconds, times.times)
    }

    /// Median of 15 runs at the size at which the network works, in milliseconds.
    func networkMilliseconds() throws -> Double {
        let (width, height) = StyleRequest(model: model).networkSize(width: width, height: height)
        let network = try Network(model: Model(contentsOf: model), width: width, height: height, threads: threads)
        let frame = Image(
            width: width, height: height, samples: (0..<3 * width * height).map { Float($0 * 7919 % 255) - 116 })
        let certainty = Plane<Float>(width: width, height: height, repeating: 1)
        let clock = ContinuousClock()
        let times = try (0..<16).map { _ in
            let time = try clock.measure { _ = try network.run(frame: frame, prior: frame, certainty: certainty) }
            return Double(time.components.attoseconds) / 1e15 + Double(time.components.seconds) * 1e3
        }
        return times.dropFirst().sorted()[7]
    }
}

/// A value of /proc/self/status in megabytes.
func residentMegabytes(_ key: String) -> Int {
    let line = text(of: "/proc/self/status").split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
    return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
}

private func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
