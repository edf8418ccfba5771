import CGStreamer
import Evaluation
import Imaging
import MediaIO
import NeuralNet
import Reproduction
import Sphere
import Style
import Training

/// Measures the seams of stylized panoramas (paper 8.1, table 6): independent faces, neighbouring borders as prior with
/// a hard or soft edge, borders blended over the result, and shared instance-norm statistics. With --style, also the
/// ratio of the content and style losses to those of independent faces. With --frames, the first, second and last frame
/// of a temporally coherent walk through each panorama (paper 8.2, table 7).
enum SphereSeams {
    static let usage =
        "[--face 640] [--overlap 64] [--softness 0,0.5] [--fill mean,noise] [--frames 1] [--threads 0] [--loss-size 256] "
        + "[--style PAINTING [--network vgg16]] [--write FOLDER] PANORAMA ... MODEL.safetensors ..."

    static func run(_ arguments: [String]) throws {
        let (options, paths) = try parsed(arguments)
        func list(_ option: String, _ value: String) -> [String] {
            (options[option] ?? value).split(separator: ",").map(String.init)
        }
        let geometry = try CubeGeometry(
            faceSize: Int(options["face"] ?? "640") ?? 640, overlap: Int(options["overlap"] ?? "64") ?? 64)
        let threads = Int(options["threads"] ?? "0") ?? 0
        let models = paths.filter { $0.hasSuffix(".safetensors") }
        let panoramas = paths.filter { !$0.hasSuffix(".safetensors") }
        guard !models.isEmpty, !panoramas.isEmpty else { throw BenchmarkError("a panorama and a model are needed") }
        gst_init(nil, nil)

        let ways = Way.all(
            softness: list("softness", "0,0.5").compactMap(Float.init),
            fills: list("fill", "mean").compactMap(PriorFill.init))
        let frames = max(Int(options["frames"] ?? "1") ?? 1, 1)
        let shown = Set([1, min(2, frames), frames]).sorted()
        let lossSize = Int(options["loss-size"] ?? "256") ?? 256
        let loss = options["style"] == nil ? nil : try SphereLoss(arguments, size: lossSize)

        let (width, height) = SphereLayout.equirectangular.size(faceSize: geometry.faceSize)
        let joiner = try CubeJoiner(
            from: geometry, to: .equirectangular, width: width, height: height, threads: threads)

        for model in models {
            let side = geometry.extendedSize
            let network = try Network(model: Model(contentsOf: model), width: side, height: side, threads: threads)
            var sums = ways.map { _ in shown.map { _ in Sums() } }
            for (number, path) in panoramas.enumerated() {
                let walk = MovingPanorama(panorama: try Image(contentsOf: path), geometry: geometry)
                var painters = ways.map {
                    SpherePainter(
                        walk, settings: $0.settings, network: network, isStill: frames < 2, threads: threads)
                }
                for frame in 1...frames {
                    let column = try painters[0].content(frame)
                    let motion = frame > 1 ? walk.motion(frame - 1) : nil
                    for index in ways.indices {
                        let painted = try painters[index].paint(column, motion: motion)
                        guard let entry = shown.firstIndex(of: frame) else { continue }
                        let joined = try sums[index][entry].add(painted, geometry: geometry, joiner: joiner)
                        if let loss { sums[index][entry].add(try loss.evaluate(painted, of: column)) }
                        if let folder = options["write"] {
                            let style = model.split(separator: "/").last.map(String.init) ?? "style"
                            try joined.write(to: "\(folder)/\(style)-\(number)-\(index)-\(frame).png", replacing: true)
                        }
                    }
                }
            }
            report(model, ways, shown, sums, count: panoramas.count)
        }
    }

    private static func report(_ path: String, _ ways: [Way], _ shown: [Int], _ sums: [[Sums]], count: Int) {
        print("\(path)\nfaces | frame | cut edges | inner edges | mean | cut, joined | inner, joined | content | style")
        for (way, sums) in zip(ways, sums) {
            for (frame, sum) in zip(shown, sums) {
                let errors = [
                    sum.error.cutEdges, sum.error.innerEdges, sum.error.mean, sum.joined.cutEdges,
                    sum.joined.innerEdges,
                ].map { FlowAccuracy.rounded($0 / Double(count)) }
                let losses = sum.content > 0 ? [sum.content / Double(count), sum.style / Double(count)] : []
                print(([way.name, "\(frame)"] + errors + losses.map(FlowAccuracy.rounded)).joined(separator: " | "))
            }
        }
    }

    private struct Way {
        let name: String
        let settings: FaceSequence.Settings

        /// The variants, from independent faces over the paper's method to this project's.
        static func all(softness: [Float], fills: [PriorFill]) -> [Way] {
            var ways: [Way] = []
            func add(_ name: String, _ change: (inout FaceSequence.Settings) -> Void) {
                var settings = FaceSequence.Settings.independent
                change(&settings)
                ways.append(Way(name: name, settings: settings))
            }
            add("on their own") { _ in }
            for fill in fills {
                for softness in softness {
                    let name = "borders as prior, softness \(softness), \(fill.rawValue)"
                    func prior(_ settings: inout FaceSequence.Settings) {
                        settings.bordersArePrior = true
                        settings.softness = softness
                        settings.fill = fill
                    }
                    add(name, prior)
                    add(name + ", laid over") {
                        prior(&$0)
                        $0.keepsBorders = true
                    }
                    add(name + ", laid over, normalised together") {
                        prior(&$0)
                        $0.keepsBorders = true
                        $0.sharesStatistics = true
                    }
                }
            }
            add("laid over") { $0.keepsBorders = true }
            add("normalised together") { $0.sharesStatistics = true }
            add("normalised together, laid over") {
                $0.sharesStatistics = true
                $0.keepsBorders = true
            }
            add("normalised together, laid over, one texture") {
                $0 = FaceSequence.Settings()
            }
            return ways
        }
    }

    private struct Sums {
        var error = GradientError(cutEdges: 0, innerEdges: 0)
        var joined = GradientError(cutEdges: 0, innerEdges: 0)
        var content = 0.0
        var style = 0.0

        /// Measures stacked stylized faces and returns them joined.
        mutating func add(_ painted: Image, geometry: CubeGeometry, joiner: CubeJoiner) throws -> Image {
            var painted = painted.pictureSpace()
            painted.samples = painted.samples.map { min(max($0, 0), 255) }
            let whole = joiner.join(painted)
            let error = GradientError(column: painted, geometry: geometry)
            let joined = try GradientError(sphere: whole, layout: .equirectangular, geometry: geometry)
            self.error.cutEdges += error.cutEdges
            self.error.innerEdges += error.innerEdges
            self.joined.cutEdges += joined.cutEdges
            self.joined.innerEdges += joined.innerEdges
            return whole
        }

        mutating func add(_ losses: (content: Double, style: Double)) {
            content += losses.content
            style += losses.style
        }
    }

    /// Content and style loss of stacked faces, computed on all six in one image, since brightness may differ between
    /// faces.
    private struct SphereLoss {
        private let loss: PerceptualLoss
        private let size: Int

        /// - Parameter size: size to which faces are scaled, so that all fit into memory.
        init(_ arguments: [String], size: Int) throws {
            let setup = try OptimizationCase(arguments, defaultSize: "\(size)x\(size)")
            let settings = TrainingSettings()
            loss = try PerceptualLoss(
                weights: setup.network, style: settings.styleTarget(of: [setup.style()], lossNetwork: setup.network),
                contentLayers: settings.contentLayers, styleLayers: settings.styleLayers,
                contentWeight: settings.contentWeight, styleWeight: settings.styleWeight, width: 3 * size,
                height: 2 * size, threads: setup.threads)
            self.size = size
        }

        func evaluate(_ painted: Image, of column: Image) throws -> (content: Double, style: Double) {
            try loss.setContent(column.faceSheet(size: size))
            let value = try loss.evaluate(painted.faceSheet(size: size))
            return (Double(value.content), Double(value.style))
        }
    }

    private static func parsed(_ arguments: [String]) throws -> (options: [String: String], paths: [String]) {
        var (options, paths, rest) = ([String: String](), [String](), arguments[...])
        while let argument = rest.popFirst() {
            if argument.hasPrefix("--") {
                guard let value = rest.popFirst() else { throw BenchmarkError("\(argument) needs a value") }
                options[String(argument.dropFirst(2))] = value
            } else {
                paths.append(argument)
            }
        }
        return (options, paths)
    }
}
