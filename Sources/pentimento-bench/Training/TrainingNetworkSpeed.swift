import Glibc
import Imaging
import NeuralNet

/// Times the network's part of a training step for one image, in total and by layer.
enum TrainingNetworkSpeed {
    static let usage =
        "[--arch STRING] [--padding replicate] [--size 176] [--threads N] [--runs N] (milliseconds for one picture)"

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ arguments: [String]) throws {
        var options: [String: String] = [:]
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard option.hasPrefix("--"), let value = rest.popFirst() else {
                throw Failure(description: "usage: training-network \(usage)")
            }
            options[String(option.dropFirst(2))] = value
        }
        let text = options["arch"] ?? "c9s1-16,d32,d64,R64,R64,R64,R64,R64,U2,c3s1-32,U2,c9s1-4"
        guard let padding = Padding(rawValue: options["padding"] ?? "replicate") else {
            throw Failure(description: "no padding is called \(options["padding"] ?? "")")
        }
        let description = ModelDescription(
            kind: .video, architecture: try Architecture(parsing: text), padding: padding, isGated: text.hasSuffix("-4")
        )
        let size = Int(options["size"] ?? "176") ?? 176
        let runs = max(1, Int(options["runs"] ?? "15") ?? 15)
        let parameters = try NetworkParameters(random: description, seed: 1)
        let network = try TrainingNetwork(
            description: description, width: size, height: size, threads: Int(options["threads"] ?? "0") ?? 0)
        let frame = Image(
            width: size, height: size, samples: (0..<3 * size * size).map { Float($0 * 7919 % 255) - 116 })
        let certainty = Plane<Float>(width: size, height: size, repeating: 0.5)
        var gradients = [Float](repeating: 0, count: network.parameterCount)

        func measure(_ name: String, _ body: () throws -> Void) throws {
            try body()
            let clock = ContinuousClock()
            let start = processorMilliseconds()
            let times = try (0..<runs).map { _ in milliseconds(try clock.measure(body)) }.sorted()
            let processor = (processorMilliseconds() - start) / Double(runs)
            print(
                padded(name) + "median \(rounded(times[runs / 2])), fastest \(rounded(times[0])), of processor time "
                    + rounded(processor))
        }
        try measure("load") { network.load(parameters.values) }
        try measure("forward") { _ = try network.forward(frame: frame, prior: frame, certainty: certainty) }
        try measure("backward") { try network.backward(frame, into: &gradients) }
        try measure("both") {
            _ = try network.forward(frame: frame, prior: frame, certainty: certainty)
            try network.backward(frame, into: &gradients)
        }
        try byParts(network, gradient: frame, runs: runs)
    }

    /// The backward pass by part; layers are counted from 0 in network order.
    private static func byParts(_ network: TrainingNetwork, gradient: Image, runs: Int) throws {
        var times: [Int: [BackwardPart: [Double]]] = [:]
        let clock = ContinuousClock()
        var last = clock.now
        network.observer = { step, part in
            let now = clock.now
            times[step, default: [:]][part, default: []].append(milliseconds(now - last))
            last = clock.now
        }
        var gradients = [Float](repeating: 0, count: network.parameterCount)
        for _ in 0..<runs {
            last = clock.now
            try network.backward(gradient, into: &gradients)
        }
        network.observer = nil
        print("step  " + BackwardPart.allCases.map { padded($0.rawValue) }.joined())
        var totals = [Double](repeating: 0, count: BackwardPart.allCases.count)
        for step in times.keys.sorted(by: >) {
            let medians = BackwardPart.allCases.map { part -> Double in
                let all = times[step]?[part]?.sorted() ?? []
                return all.isEmpty ? 0 : all[all.count / 2]
            }
            for index in totals.indices { totals[index] += medians[index] }
            print("\(padded("\(step)", 6))" + medians.map { padded(rounded($0)) }.joined())
        }
        print("all   " + totals.map { padded(rounded($0)) }.joined())
    }

    /// CPU time of the process so far, over all processors.
    private static func processorMilliseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3
    }

    private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    private static func padded(_ text: String, _ width: Int = 14) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
