import Evaluation
import Imaging
import MediaIO
import NeuralNet
import Style
import Support
import Training

/// Whether stylized pictures look like their painting and no other: the share of the pictures whose nearest painting is
/// the model's own, by the Gram matrices of `relu1_1` to `relu4_1` (`StyleDistances`); and the median of the distance
/// from its own painting over that from the nearest other one, which is below 1 where the own is the nearest.
///
/// The paintings are those of a folder, at the style size of the first model, and the models' own.
struct ClassifyMeasure: StyleMeasure {
    private let frames: [Image]
    private let weights: LossNetworkWeights
    private static let layers = (1...4).map { LossLayer(block: $0, convolution: 1) }
    private let paths: [String]
    private let distances: StyleDistances

    init(_ input: ReportInput) throws {
        guard let folder = input.options["paintings"] else { throw MissingInput(option: "paintings") }
        frames = try input.pictures().map { $0.networkSpace() }
        let weights = try input.lossNetwork()
        self.weights = weights
        var known: [[UInt8]] = []
        let files = Files.names(in: folder).map { "\(folder)/\($0)" }
        paths = try (input.styles.map(\.paintingPath) + files).filter { path in
            let bytes = try Files.read(path)
            defer { known.append(bytes) }
            return !known.contains(bytes)
        }
        guard paths.count > 1 else { throw BenchmarkError("\(folder): has no other painting to compare with") }
        let settings = input.styles[0].settings
        distances = try StyleDistances(
            paintings: paths.map { path in
                let painting = StyleImage(image: try Image(contentsOf: path).networkSpace())
                return try Self.matrices(of: settings.prepared(painting), weights)
            })
    }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        let bytes = try Files.read(style.paintingPath)
        guard let own = try paths.firstIndex(where: { try Files.read($0) == bytes }) else { return [] }
        let network = try style.network(width: frames[0].width, height: frames[0].height)
        let ratios = try frames.map { frame in
            let output = try network.run(frame: frame).shown.networkSpace()
            let distances = try distances.distances(of: Self.matrices(of: output, weights))
            let others = distances.indices.filter { $0 != own }.map { distances[$0] }
            return distances[own] / (others.min() ?? .infinity)
        }
        return [
            Reading("share", Double(ratios.filter { $0 < 1 }.count) / Double(ratios.count)),
            Reading("own distance over the next", ratios.median), Reading("paintings", Double(paths.count)),
        ]
    }

    private static func matrices(
        of image: Image, _ weights: LossNetworkWeights
    ) throws -> [[Float]] {
        let target = try StyleTarget(weights: weights, layers: layers, images: [(image, 1)])
        return layers.map { target.gramMatrices[$0] ?? [] }
    }
}
