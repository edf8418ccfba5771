import Flow
import Imaging
import MediaIO
import NeuralNet
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
        let pan = try Pan(of: path, width: setting.width, height: setting.height, count: count, step: step)
        var settings = OptimizationSettings()
        settings.threads = setting.threads
        settings.styleCrop = 0
        settings.tolerance = 0
        settings.passes = number("passes", 10)
        settings.passIterations = number("pass-iterations", 20)
        settings.temporalFromPass = settings.passes / 2 + 1
        let several = try MultiPassOptimizer(
            settings: settings, network: setting.network, styles: [try setting.style()])
        let store = MemoryShotStore(frames: pan.frames, motions: pan.motions)
        try several.run(store)

        settings.firstIterations = settings.passes * settings.passIterations
        settings.nextIterations = settings.firstIterations
        settings.passes = 1
        let once = try ClipOptimizer(settings: settings, network: setting.network, styles: [try setting.style()])
        let single = try pan.frames.enumerated().map { index, frame in
            try once.next(
                frame,
                references: pan.motions[index][.earlier].map {
                    [Reference(distance: 1, flow: $0.flow, certainty: $0.certainty)]
                } ?? [])
        }
        // The columns that entered after the first frame.
        let entered = max(0, setting.width - step * (count - 1))..<setting.width
        let results = [
            ("a frame on its own", single[0]), ("single pass, last frame", single[count - 1]),
            ("several passes, last frame", try store.result(of: count - 1, pass: several.settings.passes)),
        ]
        for (name, image) in results {
            let contrast = deviation(of: image, columns: entered)
            let seams = (1..<count).map { setting.width - step * $0 }.filter { $0 > 0 }
            let edges = steepness(of: image, at: seams) / steepness(of: image, at: Array(1..<setting.width))
            print("\(name) | \(FlowAccuracy.rounded(contrast)) | \(FlowAccuracy.rounded(edges))")
        }
        guard let folder = setting.options["write"] else { return }
        for (index, image) in single.enumerated() {
            let other = try store.result(of: index, pass: several.settings.passes)
            try image.pictureSpace().write(to: "\(folder)/single_\(index + 1).png", replacing: true)
            try other.pictureSpace().write(to: "\(folder)/several_\(index + 1).png", replacing: true)
        }
    }

    /// The mean absolute difference between columns and their left neighbours.
    private static func steepness(of image: Image, at columns: [Int]) -> Double {
        var sum = 0.0
        for line in 0..<image.channels * image.height {
            for x in columns {
                sum += Double(abs(image.samples[line * image.width + x] - image.samples[line * image.width + x - 1]))
            }
        }
        return sum / Double(max(1, columns.count * image.channels * image.height))
    }

    /// The standard deviation over columns, from the mean variance of the channels, of values clamped to 0...255.
    private static func deviation(of image: Image, columns: Range<Int>) -> Double {
        let image = image.pictureSpace()
        var variance = 0.0
        for channel in 0..<image.channels {
            var (sum, squares, count) = (0.0, 0.0, 0.0)
            for y in 0..<image.height {
                for x in columns {
                    let value = image.samples[(channel * image.height + y) * image.width + x]
                    let shown = Double(min(max(value, 0), 255))
                    (sum, squares, count) = (sum + shown, squares + shown * shown, count + 1)
                }
            }
            variance += squares / count - sum / count * (sum / count)
        }
        return (variance / Double(image.channels)).squareRoot()
    }
}

/// A window that moves to the right over a still image, with exact motion.
private struct Pan {
    let frames: [Image]
    let motions: [[Neighbor: NeighborMotion]]

    init(of path: String, width: Int, height: Int, count: Int, step: Int) throws {
        let length = width + step * (count - 1)
        let image = try Image(contentsOf: path).resized(width: length, height: height).networkSpace()
        frames = (0..<count).map { index in
            var frame = Image(width: width, height: height)
            for line in 0..<3 * height {
                let start = line * length + index * step
                frame.samples.replaceSubrange(
                    line * width..<(line + 1) * width, with: image.samples[start..<start + width])
            }
            return frame
        }
        func motion(_ distance: Int) -> NeighborMotion {
            var flow = FlowField(width: width, height: height)
            var certainty = Plane<Float>(width: width, height: height, repeating: 0)
            for index in flow.u.indices {
                flow.u[index] = Float(distance)
                certainty.values[index] = 0..<width ~= index % width + distance ? 1 : 0
            }
            return NeighborMotion(flow: flow, certainty: certainty)
        }
        motions = (0..<count).map { index in
            var known: [Neighbor: NeighborMotion] = [:]
            if index > 0 { known[.earlier] = motion(step) }
            if index < count - 1 { known[.later] = motion(-step) }
            return known
        }
    }
}
