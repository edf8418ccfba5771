import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Style
import Training

/// Measures the temporal error of models, and whether they keep their style during recursion. The frames are played
/// once at full size for the temporal error, and back and forth at a smaller size for the losses.
enum StyleStability {
    static let usage =
        "[--coherence 0] [--depths 1,10,50] [--size 512x218] [--write FOLDER] --style PAINTING FRAME ... MODEL.safetensors ..."

    static func run(_ arguments: [String]) throws {
        let setup = try OptimizationCase(arguments, defaultSize: "512x218")
        let models = setup.paths.filter { $0.hasSuffix(".safetensors") }
        let images = try setup.paths.filter { !$0.hasSuffix(".safetensors") }.map { try Image(contentsOf: $0) }
        guard images.count > 1, !models.isEmpty else { throw BenchmarkError("two frames and a model are needed") }
        let depths = (setup.options["depths"] ?? "1,10,50").split(separator: ",").compactMap { Int($0) }
        let coherence = Float(setup.options["coherence"] ?? "0") ?? 0

        let film = TrainingSequence(pingPong: images, count: images.count, flow: .fast)
        let judged = TrainingSequence(pingPong: images, count: images.count, flow: .medium, minimumFilter: 1)
        let small = images.map { $0.resized(width: setup.width, height: setup.height) }
        let loop = TrainingSequence(pingPong: small, count: (depths.max() ?? 0) + 1, flow: .fast)
        let settings = TrainingSettings()
        let loss = try PerceptualLoss(
            weights: setup.network, style: settings.styleTarget(of: [setup.style()], lossNetwork: setup.network),
            contentLayers: settings.contentLayers, styleLayers: settings.styleLayers,
            contentWeight: settings.contentWeight, styleWeight: settings.styleWeight, width: setup.width,
            height: setup.height, threads: setup.threads)

        for path in models {
            let model = try Model(contentsOf: path)
            let error = try temporalErrors(of: model, on: film, judgedBy: judged, coherence, setup)
            print("\(path)")
            print(
                "  temporal error \(error.coherent), each frame on its own \(error.alone): "
                    + "\(error.coherent / error.alone)")
            let network = try Network(
                model: model, width: setup.width, height: setup.height, threads: setup.threads)
            var last = try network.run(frame: loop.frames[0])
            for index in 1..<loop.frames.count {
                let frame = loop.frames[index]
                let prior = prior(of: last, loop.motions[index - 1], index, setup.threads)
                last = try network.run(
                    frame: frame, prior: prior.image, certainty: prior.certainty, coherence: coherence)
                guard depths.contains(index) else { continue }
                let alone = try network.run(frame: frame)
                try loss.setContent(frame)
                let (value, own) = (try loss.evaluate(last), try loss.evaluate(alone))
                print(
                    "  after \(index): style \(value.style) (\(value.style / own.style) of its own), "
                        + "content \(value.content) (\(value.content / own.content)), "
                        + "sharpness \(sharpness(of: last, order: .bgr) / sharpness(of: alone, order: .bgr))")
                if let folder = setup.options["write"] {
                    let name = "\(folder)/\(model.description.style ?? "style")-\(index)"
                    try last.pictureSpace().write(to: name + ".png", replacing: true)
                    try alone.pictureSpace().write(to: name + "-alone.png", replacing: true)
                }
            }
        }
    }

    private static func temporalErrors(
        of model: Model, on film: TrainingSequence, judgedBy judged: TrainingSequence, _ coherence: Float,
        _ setup: OptimizationCase
    ) throws -> (coherent: Double, alone: Double) {
        let frames = film.frames
        let network = try Network(
            model: model, width: frames[0].width, height: frames[0].height, threads: setup.threads)
        var last = try network.run(frame: frames[0])
        var lastAlone = last
        var sums = (coherent: 0.0, alone: 0.0)
        for index in 1..<frames.count {
            let prior = prior(of: last, film.motions[index - 1], index, setup.threads)
            let image = try network.run(
                frame: frames[index], prior: prior.image, certainty: prior.certainty, coherence: coherence)
            let alone = try network.run(frame: frames[index])
            let motion = judged.motions[index - 1]
            func error(_ image: Image, _ before: Image) -> Double {
                temporalError(
                    of: image, against: before, flow: motion.flow, certainty: motion.certainty,
                    interpolation: .bicubic
                ).overConsistentPixels
            }
            sums = (sums.coherent + error(image, last), sums.alone + error(alone, lastAlone))
            (last, lastAlone) = (image, alone)
        }
        let pairs = Double(frames.count - 1)
        return (sums.coherent / pairs, sums.alone / pairs)
    }

    private static func prior(
        of last: Image, _ motion: Motion, _ index: Int, _ threads: Int
    ) -> Prior {
        Prior(
            warping: last, by: motion.flow, certainty: motion.certainty, seed: UInt64(index), threads: threads)
    }
}
