import Imaging
import MediaIO
import NeuralNet
import Reproduction
import Style
import Support
import Training

/// The paper's table 5 at a small budget: one style, gated networks, each training method with the same number of
/// steps. Prints content, style and temporal loss after some recurrent frames, relative to a network that stylizes each
/// frame independently.
///
/// Clips: frames played back and forth with estimated flow, and a camera that moves over held-out photographs with
/// exact flow.
enum TrainingAblation {
    static let usage =
        "--photos FOLDER [--steps 800] [--crop 176] [--pixel-weight 500] [--ways L,Di,2F,MF,2Fm,MFm,recipe] [--models FOLDER] [--seed 0] "
        + "\(OptimizationCase.usage) FRAMES"

    static func run(_ arguments: [String]) throws {
        let setting = try OptimizationCase(arguments, defaultSize: "512x218")
        let wanted = setting.options["ways"]?.split(separator: ",").map(String.init)
        let ways = TrainingMethod.allCases.filter {
            $0 == .perFrame || wanted?.contains($0.rawValue) ?? ($0 != .dilated)
        }
        guard let photos = setting.options["photos"], let frames = setting.paths.first else {
            throw BenchmarkError("usage: training-ablation \(usage)")
        }
        let set = try PhotoSet(folder: photos, decode: { try Image(contentsOf: $0, over: 255) })
        let clips = try clips(setting, frames: frames, heldOut: set.heldOut)
        var base: [String: [ValidationReport.Recursion]] = [:]
        print("way | clip | frames | content | style | temporal | step ms")
        for way in ways {
            var settings = TrainingSettings()
            settings.length = .steps(Int(setting.options["steps"] ?? "") ?? 800)
            settings.cropSize = Int(setting.options["crop"] ?? "") ?? settings.cropSize
            settings.pixelWeight = Double(setting.options["pixel-weight"] ?? "") ?? settings.pixelWeight
            settings.seed = UInt64(setting.options["seed"] ?? "") ?? 0
            settings.threads = setting.threads
            try way.apply(to: &settings)
            let (model, time) = try model(way, settings, setting, photographs: set.training)
            for (name, validation) in clips {
                let report = try validation.report(
                    of: model, settings: settings, styles: [setting.style()], lossNetwork: setting.network)
                if way == .perFrame { base[name] = report.recursion }
                for (entry, own) in zip(report.recursion, base[name] ?? []) where entry.frames > 1 {
                    print(
                        "\(way.rawValue) | \(name) | \(entry.frames) | \(percent(entry.losses.content, own.losses.content)) | "
                            + "\(percent(entry.losses.style, own.losses.style)) | "
                            + "\(percent(entry.temporalError, own.temporalError)) | \(time)")
                }
                flush()
            }
        }
    }

    /// The named clips.
    private static func clips(
        _ setting: OptimizationCase, frames folder: String, heldOut: [Photograph]
    ) throws -> [(name: String, validation: Validation)] {
        let files = Files.names(in: folder).filter { $0.hasSuffix(".png") || $0.hasSuffix(".jpg") }
        guard files.count > 1 else { throw BenchmarkError("\(folder): has no frames") }
        let images = try files.map {
            try Image(contentsOf: "\(folder)/\($0)").resized(width: setting.width, height: setting.height)
        }
        let count = (Validation.depths.last ?? 0) + 1
        let pingPong = TrainingSequence(pingPong: images, count: count, threads: setting.threads)
        let name = folder.split(separator: "/").last.map(String.init) ?? folder
        return [
            (name, Validation(clips: [pingPong])),
            ("exact flow", Validation(clips: Validation(heldOut: heldOut, size: 256).clips)),
        ]
    }

    /// The model of a method, loaded from the folder of models if it exists there, else trained; and the time per step.
    private static func model(
        _ way: TrainingMethod, _ settings: TrainingSettings, _ setting: OptimizationCase, photographs: [Photograph]
    ) throws -> (Model, String) {
        let file = setting.options["models"].map { "\($0)/\(way.rawValue).safetensors" }
        if let file, Files.exists(file) { return (try Model(contentsOf: file), "-") }
        let trainer = try Trainer(
            settings: settings, styles: [setting.style()], lossNetwork: setting.network,
            source: SyntheticSequences(photographs: photographs, seed: settings.seed))
        try trainer.run { progress in
            if progress.step % 50 == 0 {
                let left = Int(progress.secondsLeft ?? 0)
                let losses = progress.losses
                print(
                    "# \(way.rawValue): step \(progress.step), content \(Int(losses.content)), style \(Int(losses.style)), "
                        + "pixel \(Int(losses.pixel)), \(left) s left")
                flush()
            }
            return true
        }
        if let file { try Files.write(trainer.encodedModel(style: way.rawValue), to: file) }
        return (try trainer.model(), "\(Int(1000 * trainer.seconds / Double(max(trainer.step, 1))))")
    }

    private static func percent(_ value: Double, _ base: Double) -> String {
        base > 0 ? "\(Int((100 * value / base).rounded())) %" : "-"
    }
}
