import CGStreamer
import Glibc
import Imaging
import MediaIO
import NeuralNet
import Style
import Training

/// A training run for comparison with PyTorch by `Benchmarks/training.py`.
struct TrainingCase {
    static let usage =
        "--style PAINTING --photos FOLDER [--network vgg16] [--steps N] [--crop 176] [--batch 4] [--threads N]"

    /// Options by name, without dashes.
    let options: [String: String]

    init(_ arguments: [String]) throws {
        var options: [String: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), let value = rest.popFirst() else {
                throw BenchmarkError("\(argument) is no option with a value")
            }
            options[String(argument.dropFirst(2))] = value
        }
        self.options = options
        gst_init(nil, nil)
    }

    func number(_ name: String, _ otherwise: Int) -> Int { options[name].flatMap { Int($0) } ?? otherwise }

    /// - Parameters:
    ///   - settings: base settings; size, batch, steps and threads are set from the options.
    ///   - mix: mix of the samples.
    func trainer(_ settings: TrainingSettings, mix: SequenceMix = SequenceMix(), steps: Int) throws -> Trainer {
        guard let style = options["style"], let folder = options["photos"] else {
            throw BenchmarkError("usage: \(Self.usage)")
        }
        var settings = settings
        settings.cropSize = number("crop", settings.cropSize)
        settings.batchSize = number("batch", settings.batchSize)
        settings.length = .steps(number("steps", steps))
        settings.threads = number("threads", 0)
        settings.seed = 1
        let photographs = try PhotoSet(folder: folder) { try Image(contentsOf: $0) }
        let path = try ModelLibrary.standard.lossNetworkPath(of: options["network"] ?? "vgg16")
        return try Trainer(
            settings: settings, styles: [StyleImage(image: try Image(contentsOf: style).networkSpace())],
            lossNetwork: LossNetworkWeights(contentsOf: path),
            source: SyntheticSequences(photographs: photographs.training, mix: mix, seed: 1))
    }
}

/// Times training steps with a number of recurrent frames; prints a line per step, so that a script can interleave
/// programs.
enum TrainingStep {
    static let usage = "--frames N \(TrainingCase.usage)"

    static func run(_ arguments: [String]) throws {
        let setting = try TrainingCase(arguments)
        var settings = TrainingSettings()
        settings.frames = try FrameSchedule(parsing: "0:\(setting.number("frames", 0))")
        settings.priorDropout = 0
        var last = 0.0
        try setting.trainer(settings, steps: 12).run { progress in
            print("step \(progress.step): \(FlowAccuracy.rounded((progress.seconds - last) * 1e3)) ms")
            flush()
            last = progress.seconds
            return true
        }
    }
}

/// Trains on single images until the mean style loss of the last steps reaches a target.
enum TrainingRace {
    static let usage = "[--target STYLE-LOSS] [--window 40] \(TrainingCase.usage)"

    static func run(_ arguments: [String]) throws {
        let setting = try TrainingCase(arguments)
        var settings = TrainingSettings()
        settings.priorDropout = 1
        // As in the peer: the uncropped painting, and photographs without augmentation.
        settings.styleCrop = 0
        var mix = SequenceMix.nothing
        mix.still = 1
        let target = setting.options["target"].flatMap { Double($0) } ?? 0
        let window = max(1, setting.number("window", 40))
        var styles: [Double] = []
        var isReached = false
        var mean = Double.infinity
        var seconds = 0.0
        try setting.trainer(settings, mix: mix, steps: 800).run { progress in
            styles.append(Double(progress.losses.style))
            mean = styles.suffix(window).reduce(0, +) / Double(min(window, styles.count))
            seconds = progress.seconds
            isReached = styles.count >= window && mean <= target
            if styles.count % 50 == 0 {
                print(
                    "\(styles.count) steps, \(FlowAccuracy.rounded(seconds)) s, style loss \(FlowAccuracy.rounded(mean))"
                )
                flush()
            }
            return !isReached
        }
        let time = isReached ? ", \"seconds\": \(seconds)" : ""
        print("{\"steps\": \(styles.count), \"style\": \(mean)\(time)}")
    }
}

/// Measures the memory of a training run with the default recipe at its longest sequences.
enum TrainingMemory {
    static let usage = TrainingCase.usage

    static func run(_ arguments: [String]) throws {
        let setting = try TrainingCase(arguments)
        var settings = TrainingSettings()
        settings.frames = try FrameSchedule(parsing: "0:\(settings.frames.maximumFrames)")
        settings.priorDropout = 0
        try setting.trainer(settings, steps: 10).run()
        print("peak \(residentMegabytes("VmHWM")) MB after \(setting.number("steps", 10)) steps")
    }
}
