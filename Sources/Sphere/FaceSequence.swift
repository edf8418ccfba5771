import Imaging
import NeuralNet
import Style

/// Stylizes the six faces of a column one after the other, so that they fit together.
///
/// Three things make them fit, each of which can be left out:
/// - All six are normalised together, as one picture: a face of nothing but sky would be painted in contrasts and colours of its own. For
///   that each face needs to know what the others meet in the network, which they do not before they are painted; so it takes what they
///   met in the frame before, and where there was none, all are looked through first.
/// - Finished borders are laid over the faces that come after, so that where two faces meet there are no two paintings of the same thing.
/// - They can also be those faces' prior, over the prior that there is (paper 6.3), for networks that were trained for it.
///
/// For one thread at a time.
public final class FaceSequence: FrameParts {
    /// Front first, then its neighbours, last what lies behind.
    public static let order: [CubeFace] = [.front, .right, .left, .up, .down, .back]

    /// How faces heed each other.
    public struct Settings: Sendable, Equatable {
        /// Whether all six are normalised by what they meet together.
        public var sharesStatistics = true
        /// How often a frame that follows no other is looked through for that: each time what the later layers meet fits better to
        /// what the earlier ones were normalised by.
        public var previews = 2
        /// Whether finished borders are laid over the result.
        public var keepsBorders = true
        /// Whether they are a face's prior.
        public var bordersArePrior = false
        /// As ``FaceBorders/lay(over:face:finished:softness:)`` takes it.
        public var softness: Float = 0.5
        /// What uncertain pixels of the prior hold: as the network was trained.
        public var fill = PriorFill.mean

        public init() {}

        /// Each face on its own, for comparison.
        public static var independent: Settings {
            var settings = Settings()
            settings.sharesStatistics = false
            settings.keepsBorders = false
            return settings
        }
    }

    public let geometry: CubeGeometry
    public var settings: Settings
    /// What noise is drawn from; a different one a frame.
    public var seed: UInt64 = 0
    /// At the resolution of the last frame.
    private var borders: FaceBorders?
    /// The last columns. The one before the last is painted over, which nobody looks at any more: so much new memory for each frame would
    /// take longer than a face's borders.
    private var columns: [Image] = []
    /// What each face met lately.
    private var statistics: [CubeFace: PictureStatistics] = [:]

    public init(geometry: CubeGeometry, settings: Settings = Settings()) {
        self.geometry = geometry
        self.settings = settings
    }

    public var count: Int { CubeFace.allCases.count }

    /// Stylizes a column.
    ///
    /// - Parameters:
    ///   - width, height: of six extended faces, at the geometry's resolution or another.
    ///   - prior: of the whole column; nil: nothing is known of the frame before.
    ///   - network: stylizes one face, by its number in ``CubeFace``.
    /// - Throws: `Cancelled`.
    /// - Precondition: the column is six times as high as wide; `prior` has its size.
    public func run(
        width: Int, height: Int, prior: Prior?, threads: Int = 0, network: PartNetwork
    ) throws(Cancelled) -> Image {
        let size = width
        let borders = borders(size: size, threads: threads)
        var finished: Set<CubeFace> = []
        var known = prior
        // A network that was trained with noise wants it where nothing is known, too.
        if known == nil && (settings.bordersArePrior || settings.fill == .noise) {
            known = Prior.empty(width: size, height: height, fill: settings.fill, seed: seed, threads: threads)
        }
        var column = takeColumn(width: size, height: height)
        if prior == nil {
            statistics = [:]
            for _ in 0..<(settings.sharesStatistics ? settings.previews : 0) {
                for face in Self.order {
                    try paint(face, prior: settings.fill == .noise ? known : nil, on: &column, network: network)
                }
            }
        }
        for face in Self.order {
            var isKnown = prior != nil || settings.fill == .noise
            if settings.bordersArePrior, var covered = known {
                // So that there is but one of it.
                known = nil
                isKnown =
                    borders?.lay(
                        over: &covered, face: face, of: column, finished: finished, softness: settings.softness) == true
                    || isKnown
                known = covered
            }
            try paint(face, prior: isKnown ? known : nil, on: &column, network: network)
            if settings.keepsBorders {
                borders?.lay(over: &column, face: face, finished: finished, softness: settings.softness)
            }
            finished.insert(face)
        }
        columns.append(column)
        return column
    }

    /// A column whose every row is to be painted.
    private func takeColumn(width: Int, height: Int) -> Image {
        if columns.first.map({ $0.width != width || $0.height != height }) ?? false { columns = [] }
        return columns.count < 2 ? Image(width: width, height: height) { _ in } : columns.removeFirst()
    }

    private func paint(
        _ face: CubeFace, prior: Prior?, on column: inout Image, network: PartNetwork
    ) throws(Cancelled) {
        let others = settings.sharesStatistics ? Self.order.compactMap { $0 == face ? nil : statistics[$0] } : []
        let met = try network(face.rawValue, prior, others, &column)
        guard settings.sharesStatistics else { return }
        // The whole change would overdo it, for the others change as well.
        statistics[face] = PictureStatistics(pooling: [statistics[face], met].compactMap { $0 })
    }

    private func borders(size: Int, threads: Int) -> FaceBorders? {
        guard settings.bordersArePrior || settings.keepsBorders else { return nil }
        if let borders, borders.size == size { return borders }
        borders = FaceBorders(size: size, extent: geometry.extent, threads: threads)
        return borders
    }
}
