import Imaging
import NeuralNet
import Style

/// Checks whether content and style are balanced equally at every size: their weighted losses for one frame at several
/// sizes.
enum EnergyBySize {
    static let usage = "\(OptimizationCase.usage) FRAME (the frame at that size, at a half and at a quarter)"

    static func run(_ arguments: [String]) throws {
        let setting = try OptimizationCase(arguments, defaultSize: "450x350")
        guard let path = setting.paths.first else { throw BenchmarkError("usage: energy \(usage)") }
        let settings = OptimizationSettings()
        let whole = try setting.frame(path)
        let painting = try setting.style().image
        print("size | content of a flat image | style of the frame itself")
        for part in [1, 2, 4] {
            let frame = whole.resized(width: setting.width / part, height: setting.height / part)
            let factor = Double(max(frame.width, frame.height)) / Double(max(painting.width, painting.height))
            let style = try StyleTarget(
                weights: setting.network, layers: settings.styleLayers,
                images: [
                    (
                        painting.resized(
                            width: Int(factor * Double(painting.width)), height: Int(factor * Double(painting.height))),
                        1
                    )
                ], threads: setting.threads)
            let loss = try PerceptualLoss(
                weights: setting.network, style: style, contentLayers: settings.contentLayers,
                styleLayers: settings.styleLayers, contentWeight: settings.contentWeight,
                styleWeight: settings.styleWeight, width: frame.width, height: frame.height, threads: setting.threads)
            try loss.setContent(frame)
            let flat = try loss.evaluate(Image(width: frame.width, height: frame.height))
            let own = try loss.evaluate(frame)
            print(
                "\(frame.width)x\(frame.height) | \(Int(settings.contentWeight * flat.content)) | "
                    + "\(Int(settings.styleWeight * own.style))")
        }
    }
}
