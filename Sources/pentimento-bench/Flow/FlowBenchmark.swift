import Flow
import Glibc
import Imaging

/// Times the flow of a sequence in both directions, for `Benchmarks/flow.py`. For each preset name on standard input it
/// prints the milliseconds of each frame.
enum FlowBenchmark {
    static let usage = "THREADS FRAME.pgm FRAME.pgm ..."

    static func run(_ arguments: [String]) throws {
        guard let threads = arguments.first.flatMap({ Int($0) }), arguments.count > 2 else {
            throw BenchmarkError("usage: pentimento-bench flow \(usage)")
        }
        let frames = try arguments.dropFirst().map { try Plane<UInt8>(contentsOfPGM: $0) }
        print("ready")
        flush()
        while let line = readLine() {
            guard let preset = FlowPreset(rawValue: line) else { throw BenchmarkError("there is no preset \(line)") }
            let times = times(of: frames, preset: preset, threads: threads)
            print(times.map { FlowAccuracy.rounded($0) }.joined(separator: " "))
            flush()
        }
    }

    /// Milliseconds from a frame's luma to the flow in both directions; the first pair is a warm-up.
    private static func times(of frames: [Plane<UInt8>], preset: FlowPreset, threads: Int) -> [Double] {
        let estimator = FlowEstimator(preset: preset, threads: threads)
        var earlier = estimator.prepare(frames[0])
        var pair: FlowPair?
        var times: [Double] = []
        let clock = ContinuousClock()
        for frame in frames.dropFirst() {
            let start = clock.now
            let current = estimator.prepare(frame)
            pair = estimator.estimate(from: current, to: earlier, startingFrom: pair)
            earlier = current
            times.append((clock.now - start) / .milliseconds(1))
        }
        return Array(times.dropFirst())
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Flushes standard output, for a program that reads it through a pipe.
func flush() { fflush(nil) }
