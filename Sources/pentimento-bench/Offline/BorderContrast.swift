import Imaging
import MediaIO
import NeuralNet
import Reproduction
import Style

/// Measures the effect of the image border in a pan (paper 4.4). Everything visible at the end of the pan entered at
/// the border, where a single pass optimises it with too little context and then carries it along. Prints the standard
/// deviation of the entered columns, and the ratio of the gradient at former borders to that elsewhere, for a single
/// pass and several passes with equal numbers of iterations per frame.
enum BorderContrast {
    static let usage =
        "[--frames 9] [--step 16] [--passes 10] [--pass-iterations 20] [--write FOLDER] \(OptimizationCase.usage) PICTURE"

    static func run(_ arguments: [String]) throws {
        let setting = try OptimizationCase(arguments, defaultSize: "128x96")
        func number(_ option: String, _ value: Int) -> Int { setting.options[option].flatMap { Int($0) } ?? value }
        let (count, step) = (number("frames", 9), number("step", 16))
        guard let path = setting.paths.first, count > 1, step > 0 else {
            throw BenchmarkError("usage: border-contrast \(usage)")
        }
        let pan = MovingWindow(
            over: try Image(contentsOf: path), width: setting.width, height: setting.height, count: count, step: step)
        var settings = OptimizationSettings()
        settings.threads = setting.threads
        settings.styleCrop = 0
        settings.passes = number("passes", 10)
        settings.passIterations = number("pass-iterations", 20)
        let painted = try PanOptimization(pan, settings: settings, network: setting.network, style: try setting.style())
        let names = ["a frame on its own", "single pass, last frame", "several passes, last frame"]
        for (name, image) in zip(names, painted.compared) {
            let shown = image.shown
            let (contrast, edges) = (pan.contrast(of: shown), pan.seams(of: shown))
            print("\(name) | \(FlowAccuracy.rounded(contrast)) | \(FlowAccuracy.rounded(edges))")
        }
        guard let folder = setting.options["write"] else { return }
        for (name, images) in [("single", painted.single), ("several", painted.several)] {
            for (index, image) in images.enumerated() {
                try image.pictureSpace().write(to: "\(folder)/\(name)_\(index + 1).png", replacing: true)
            }
        }
    }
}
