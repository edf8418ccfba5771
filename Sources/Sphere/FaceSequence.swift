import Imaging
import NeuralNet
import Style

/// Stylizes a batch of six cube faces one after the other, so that they match at their edges.
///
/// There are four means, each of which can be turned off:
/// - All six share instance-norm statistics, as if they were one image. Otherwise a face that shows only sky would get
///   contrasts and colours of its own. The statistics of the other faces are those of the previous frame. A frame
///   without a prior gets warm-up passes first, which estimate the shared statistics.
/// - Finished borders are blended over later faces, so that overlaps show the same stylization on both faces.
/// - Finished borders can also be the prior of later faces, over their temporal prior (paper 6.3), for networks trained
///   for this.
/// - The texture that a style paints from, where it has no prior, goes on from face to face.
///
/// Not thread-safe.
public final class FaceSequence: BatchRunner {
    /// Processing order: front, its neighbours, back.
    public static let order: [CubeFace] = [.front, .right, .left, .up, .down, .back]

    /// How faces are matched to each other.
    public struct Settings: Sendable, Equatable {
        /// Whether the six faces share instance-norm statistics.
        public var sharesStatistics = true
        /// Number of warm-up passes that estimate the shared statistics for a frame without a prior. More passes let
        /// the statistics of later layers fit those of earlier layers.
        public var previews = 2
        /// Whether finished borders are blended over the output of later faces.
        public var keepsBorders = true
        /// Whether finished borders are the prior of later faces.
        public var bordersArePrior = false
        /// See ``FaceBorders/lay(over:face:finished:softness:)``.
        public var softness: Float = 0.5
        /// Whether a style's texture goes on from face to face.
        public var continuesTexture = true
        /// Fill of the prior's uncertain pixels that the network was trained with.
        public var fill = PriorFill.mean

        /// Shared statistics and blended borders, which any network can use.
        public init() {}

        /// Each face by itself, for comparison.
        public static var independent: Settings {
            var settings = Settings()
            settings.sharesStatistics = false
            settings.keepsBorders = false
            settings.continuesTexture = false
            return settings
        }
    }

    /// Sizes of the faces.
    public let geometry: CubeGeometry
    /// Used for the next frame.
    public var settings: Settings
    /// Seed of the noise in the prior, for all frames.
    public var seed: UInt64 = 0
    /// At the resolution of the previous frame.
    private var borders: FaceBorders?
    /// The last two outputs. The older one is no longer in use and is overwritten: allocating that much memory for each
    /// frame would take longer than blending a face's borders.
    private var outputs: [Image] = []
    /// Running instance-norm statistics of each face.
    private var statistics: [CubeFace: InstanceNormStatistics] = [:]

    /// - Parameter geometry: of all frames to come; they may have any resolution.
    public init(geometry: CubeGeometry, settings: Settings = Settings()) {
        self.geometry = geometry
        self.settings = settings
    }

    /// Number of faces, 6.
    public var batchSize: Int { CubeFace.allCases.count }

    /// Stylizes a batch of six faces.
    ///
    /// - Parameters:
    ///   - width, height: of the batch of extended faces, at any resolution.
    ///   - prior: of the whole batch; nil: frame without a prior.
    ///   - network: stylizes one face; the image's index is the face's raw value in ``CubeFace``.
    /// - Throws: `Cancelled`.
    /// - Precondition: the batch is six times as high as wide; `prior` has its size.
    public func run(
        width: Int, height: Int, prior: Prior?, threads: Int = 0, network: BatchNetwork
    ) throws(Cancelled) -> Image {
        let size = width
        let borders = borders(size: size, threads: threads)
        var finished: Set<CubeFace> = []
        var known = prior
        // A network trained with noise in the prior needs it in an empty prior, too.
        if known == nil && (settings.bordersArePrior || settings.fill == .noise) {
            known = Prior.empty(
                width: size, height: height, fill: settings.fill, batchSize: batchSize, seed: seed, threads: threads)
        }
        var output = takeOutput(width: size, height: height)
        if prior == nil {
            statistics = [:]
            for _ in 0..<(settings.sharesStatistics ? settings.previews : 0) {
                for face in Self.order {
                    try paint(face, prior: settings.fill == .noise ? known : nil, on: &output, network: network)
                }
            }
        }
        for face in Self.order {
            var isKnown = prior != nil || settings.fill == .noise
            if settings.bordersArePrior, var covered = known {
                // Drop our reference so that the mutation does not copy.
                known = nil
                isKnown =
                    borders?.lay(
                        over: &covered, face: face, of: output, finished: finished, softness: settings.softness) == true
                    || isKnown
                known = covered
            }
            try paint(face, prior: isKnown ? known : nil, on: &output, network: network)
            if settings.keepsBorders {
                borders?.lay(over: &output, face: face, finished: finished, softness: settings.softness)
            }
            finished.insert(face)
        }
        outputs.append(output)
        return output
    }

    /// An output buffer with undefined contents; every row will be written.
    private func takeOutput(width: Int, height: Int) -> Image {
        if outputs.first.map({ $0.width != width || $0.height != height }) ?? false { outputs = [] }
        return outputs.count < 2 ? Image(width: width, height: height) { _ in } : outputs.removeFirst()
    }

    private func paint(
        _ face: CubeFace, prior: Prior?, on output: inout Image, network: BatchNetwork
    ) throws(Cancelled) {
        let others = settings.sharesStatistics ? Self.order.compactMap { $0 == face ? nil : statistics[$0] } : []
        var image = BatchImage(index: face.rawValue)
        if settings.continuesTexture {
            image.textureOffset = face.textureOffset(size: Double(output.width) / geometry.extent)
        }
        let met = try network(image, prior, others, &output)
        guard settings.sharesStatistics else { return }
        // Averaged with the previous statistics: the other faces change too, so the full change would overshoot.
        statistics[face] = InstanceNormStatistics(pooling: [statistics[face], met].compactMap { $0 })
    }

    private func borders(size: Int, threads: Int) -> FaceBorders? {
        guard settings.bordersArePrior || settings.keepsBorders else { return nil }
        if let borders, borders.size == size { return borders }
        borders = FaceBorders(size: size, extent: geometry.extent, threads: threads)
        return borders
    }
}

extension CubeFace {
    /// The part of a texture that a face shows: it goes on from face to face along the horizon, and from the front face to
    /// those above and below, as in a cross layout.
    ///
    /// - Parameter size: pixels per 90 degrees.
    func textureOffset(size: Double) -> TextureOffset {
        let (column, row) =
            switch self {
            case .front: (0, 1)
            case .right: (1, 1)
            case .back: (2, 1)
            case .left: (3, 1)
            case .up: (0, 0)
            case .down: (0, 2)
            }
        return TextureOffset(x: Int(Double(column) * size), y: Int(Double(row) * size))
    }
}
