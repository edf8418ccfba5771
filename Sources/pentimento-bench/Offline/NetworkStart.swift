import Imaging
import MediaIO
import Style

/// Counts the iterations from init=network that reach the loss which init=random reaches in many iterations.
enum NetworkStart {
    static let usage =
        "[--iterations 500] [--model scream] [--write FOLDER] \(OptimizationCase.usage) FRAME.png (iterations of start network)"

    static func run(_ arguments: [String]) throws {
        let setting = try OptimizationCase(arguments, defaultSize: "512x218")
        guard let path = setting.paths.first else { throw BenchmarkError("usage: network-start \(usage)") }
        let frame = try setting.frame(path)
        let iterations = Int(setting.options["iterations"] ?? "500") ?? 500
        func losses(_ start: OptimizationSettings.Start, while goes: @escaping (Double) -> Bool) throws -> [Double] {
            var settings = OptimizationSettings()
            settings.firstStart = start
            settings.firstIterations = iterations
            settings.tolerance = 0
            settings.threads = setting.threads
            settings.styleCrop = 0
            let optimizer = try ClipOptimizer(
                settings: settings, network: setting.network, styles: [try setting.style()],
                model: setting.options["model"] ?? "scream")
            var losses: [Double] = []
            var image = frame
            optimizer.onProgress = { progress in
                losses.append(progress.loss)
                image = progress.image
                return goes(progress.loss)
            }
            do { _ = try optimizer.next(frame) } catch is OptimizationCancelled {}
            if let folder = setting.options["write"] {
                try image.pictureSpace().write(to: "\(folder)/\(start.rawValue).png", replacing: true)
            }
            let marks = [1, 2, 5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 500].filter { $0 <= losses.count }
            let course = marks.map { "\($0): \(FlowAccuracy.rounded(losses[$0 - 1]))" }
            print(start.rawValue, course.joined(separator: ", "))
            flush()
            return losses
        }
        let random = try losses(.random) { _ in true }
        guard let goal = random.last else { throw BenchmarkError("there are no iterations to make") }
        let network = try losses(.network) { $0 > goal }
        let reached = network.last.map { $0 <= goal } ?? false
        print(
            "random: \(FlowAccuracy.rounded(goal)) after \(random.count) iterations; network: "
                + "\(FlowAccuracy.rounded(network.last ?? .nan)) after \(network.count)"
                + (reached ? "" : " and no nearer"))
    }
}
