import Glibc
import Imaging
import NeuralNet

/// Times a network, with weights from a formula or a model file.
enum NetworkSpeed {
    static let usage =
        "[--model FILE | --arch STRING] [--size 1024x436] [--threads N] [--runs N] [--write FILE] [--serve]"

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// CPU time of the process so far, over all processors.
    private static func processorMilliseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    /// With `--write` it only writes the model to a file, so that other programs can be timed with the same weights.
    /// With `--serve` it runs once per line on standard input and prints the milliseconds, so that a script can
    /// interleave programs.
    static func run(_ arguments: [String]) throws {
        var options: [String: String] = [:]
        var rest = arguments[...]
        var serves = false
        while let option = rest.popFirst() {
            if option == "--serve" {
                serves = true
                continue
            }
            guard option.hasPrefix("--"), let value = rest.popFirst() else {
                throw Failure(description: "usage: network \(usage)")
            }
            options[String(option.dropFirst(2))] = value
        }
        let model: Model
        if let path = options["model"] {
            model = try Model(contentsOf: path)
        } else {
            let text = options["arch"] ?? "c9s1-32,d64,d128,R128,R128,R128,R128,R128,U2,c3s1-64,U2,c9s1-3"
            let description = ModelDescription(kind: .video, architecture: try Architecture(parsing: text))
            if let path = options["write"] {
                try Model.writeFormulaModel(description, to: path)
                return
            }
            model = try Model(bytes: try Model.formulaBytes(description))
        }
        let sides = (options["size"] ?? "1024x436").split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2 else { throw Failure(description: "a size is WIDTHxHEIGHT") }
        let network = try Network(
            model: model, width: sides[0], height: sides[1], threads: Int(options["threads"] ?? "0") ?? 0)
        let pixels = sides[0] * sides[1]
        let frame = Image(
            width: sides[0], height: sides[1], samples: (0..<3 * pixels).map { Float($0 * 7919 % 255) - 116 })
        let certainty = Plane<Float>(width: sides[0], height: sides[1], repeating: 1)

        func milliseconds() throws -> Double {
            let clock = ContinuousClock()
            let duration = try clock.measure { _ = try network.run(frame: frame, prior: frame, certainty: certainty) }
            return Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3
        }
        _ = try milliseconds()
        if serves {
            print("ready")
            fflush(nil)
            while readLine() != nil {
                print(try milliseconds())
                fflush(nil)
            }
            return
        }
        let runs = max(1, Int(options["runs"] ?? "15") ?? 15)
        let start = processorMilliseconds()
        let times = try (0..<runs).map { _ in try milliseconds() }.sorted()
        let processor = (processorMilliseconds() - start) / Double(runs)
        print("median \(times[runs / 2]) ms, fastest \(times[0]) ms, of processor time \(processor) ms, \(runs) runs")
    }
}
