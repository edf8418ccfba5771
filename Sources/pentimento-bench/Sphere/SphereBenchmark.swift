import GstPentimento
import MediaIO

/// Compares the time of the chain for a sphere with that for a single frame of a face's size.
enum SphereBenchmark {
    static let usage = "[MODEL [FACE [OVERLAP [RUNS]]]] (scream, 640, 64, 5)"

    private static let elements = [
        ["opticalflow"], ["occlusioncheck"], ["flowwarp"], ["stylize", "spherestylize"], ["cubemapsplit"],
        ["cubemapjoin"],
    ]

    /// Frames of a long and a short run. Their difference excludes start-up.
    private static let frames = (long: 9, short: 4)

    static func run(_ arguments: [String]) throws {
        startGStreamer()
        guard registerPentimentoElements() else { throw BenchmarkError("GStreamer refuses the elements") }
        func number(_ index: Int, _ preset: Int) -> Int {
            arguments.count > index ? Int(arguments[index]) ?? preset : preset
        }
        let model = arguments.first ?? "scream"
        let (face, overlap, runs) = (number(1, 640), number(2, 64), max(number(3, 5), 1))
        let side = face + 2 * overlap

        var flat: [[String: Double]] = []
        var sphere: [[String: Double]] = []
        // Interleaved, so that other load on the machine affects both equally.
        for _ in 0..<runs {
            flat.append(
                try seconds(
                    width: side, height: side, "opticalflow ! occlusioncheck ! flowwarp ! stylize name=stylizer",
                    model: model))
            sphere.append(
                try seconds(
                    width: 4 * face, height: 2 * face,
                    "cubemapsplit face-size=\(face) overlap=\(overlap) ! opticalflow ! occlusioncheck ! flowwarp "
                        + "! spherestylize name=stylizer ! cubemapjoin", model: model))
        }
        func milliseconds(_ runs: [[String: Double]], _ elements: [String]) -> Double {
            rounded(1000 * median(runs.map { run in elements.reduce(0) { $0 + (run[$1] ?? 0) } }))
        }
        print("elements | one frame of \(side)x\(side), ms | one sphere of \(4 * face)x\(2 * face), ms")
        for elements in elements {
            print(
                "\(elements.joined(separator: ", ")) | \(milliseconds(flat, elements)) | \(milliseconds(sphere, elements))"
            )
        }
        let all = elements.flatMap { $0 }
        print("all | \(milliseconds(flat, all)) | \(milliseconds(sphere, all))")
        let ratio = median(zip(sphere, flat).map { $0.values.reduce(0, +) / $1.values.reduce(0, +) })
        print("ratio: \(rounded(ratio)) (median of \(runs) pairs; must be at most 6.6)")
        print("peak: \(residentMegabytes("VmHWM")) MB")
    }

    /// Time per frame of each element, without the slower first frames.
    private static func seconds(width: Int, height: Int, _ chain: String, model: String) throws -> [String: Double] {
        func run(_ frames: Int) throws -> [String: Double] {
            let pipeline = try Pipeline(
                parsing: "videotestsrc pattern=smpte horizontal-speed=3 num-buffers=\(frames) "
                    + "! video/x-raw,format=RGBx,width=\(width),height=\(height),framerate=25/1 ! \(chain) ! fakesink",
                input: "benchmark")
            pipeline.set("model", of: "stylizer", to: model)
            let times = ElementTimes(
                in: pipeline, factories: elements.flatMap { $0 })
            try pipeline.run()
            for time in times.times where time.buffers != frames {
                throw BenchmarkError("only \(time.buffers) of \(frames) frames came out of \(time.element)")
            }
            return Dictionary(times.times.map { ($0.element, $0.seconds) }, uniquingKeysWith: +)
        }
        let short = try run(frames.short)
        return try run(frames.long).reduce(into: [:]) { result, time in
            result[time.key] = (time.value - (short[time.key] ?? 0)) / Double(frames.long - frames.short)
        }
    }
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
