import Glibc
import MediaIO
import NeuralNet
import Support

/// Runs the chain for a day's number of frames at a small size. Memory and open files must not grow.
enum Soak {
    static let usage = "[FRAMES [WIDTHxHEIGHT]] (2160000: a day at 25 frames per second; 32x18)"
    /// A model so small that most of the time is spent in the rest of the chain.
    private static let architecture = "c3s1-4,d8,R8,U2,c3s1-4"
    /// Allowed memory growth in megabytes from 1 % of the frames to the end, due to fragmentation.
    private static let allowance = 16

    static func run(_ arguments: [String]) throws {
        let frames = arguments.first.flatMap { Int($0) } ?? 2_160_000
        let sides = (arguments.count > 1 ? arguments[1] : "32x18").split(separator: "x").compactMap { Int($0) }
        guard frames >= 100, sides.count == 2, sides.allSatisfy({ (1...4096).contains($0) }) else {
            throw BenchmarkError("usage: pentimento-bench soak \(usage)")
        }
        let folder = try PrivateFolder()
        let model = "\(folder.path)/soak.safetensors"
        try Model.writeFormulaModel(
            ModelDescription(kind: .video, architecture: Architecture(parsing: architecture), isGated: true), to: model)
        let bench = try Bench([model, "\(sides[0])x\(sides[1])"], defaultSize: "32x18")
        let marks = [frames / 100, frames / 2, frames / 100 * 99]
        var readings: [(frame: Int, megabytes: Int, files: Int)] = []
        let began = monotonicSeconds()
        _ = try bench.play(bench.source(testFrames: frames), "coherentstylize name=stylizer") { count in
            guard readings.count < marks.count, count >= marks[readings.count] else { return }
            let reading = (count, residentMegabytes("VmRSS"), Files.names(in: "/proc/self/fd").count)
            readings.append(reading)
            print("frame \(reading.0): \(reading.1) MB resident, \(reading.2) open files")
            fflush(nil)
        }
        print("\(frames) frames in \(Int(monotonicSeconds() - began)) s")
        guard let first = readings.first, let last = readings.last, readings.count == marks.count else {
            throw BenchmarkError("not all frames came out")
        }
        guard last.megabytes <= first.megabytes + allowance, last.files <= first.files else {
            throw BenchmarkError("memory or open files have grown")
        }
    }

    private static func monotonicSeconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    }
}
