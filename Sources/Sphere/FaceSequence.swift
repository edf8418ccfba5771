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
        /// As ``FaceBorders/cover(_:of:by:finished:softness:)`` takes it.
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
    /// What each face met lately.
    private var statistics: [CubeFace: PictureStatistics] = [:]

    public init(geometry: CubeGeometry, settings: Settings = Settings()) {
        self.geometry = geometry
        self.settings = settings
    }

    public func partSize(width: Int, height: Int) -> (width: Int, height: Int) {
        (width, height / CubeFace.allCases.count)
    }

    /// Stylizes a column.
    ///
    /// - Parameters:
    ///   - frame: six extended faces in network space, at the geometry's resolution or another.
    ///   - prior: of the whole column; nil: nothing is known of the frame before.
    ///   - network: stylizes one face.
    /// - Precondition: `frame` is six times as high as wide; `prior` has its size.
    public func run(frame: Image, prior: Prior?, threads: Int = 0, network: PartNetwork) -> Image {
        let size = frame.width
        let borders = borders(size: size, threads: threads)
        var column = Image(width: size, height: frame.height, channels: frame.channels)
        var finished: Set<CubeFace> = []
        if prior == nil {
            statistics = [:]
            if settings.sharesStatistics { preview(frame, threads: threads, network: network) }
        }
        for face in Self.order {
            let rows = Self.rows(of: face, size: size)
            var known =
                prior.map {
                    Prior(
                        image: $0.image.block(rows: rows, threads: threads), certainty: $0.certainty.block(rows: rows))
                } ?? empty(face, size: size)
            let isCovered =
                settings.bordersArePrior
                && borders?.cover(&known, of: face, by: column, finished: finished, softness: settings.softness) == true
            // A network that was trained with noise wants it where nothing is known, too.
            let seen = isCovered || prior != nil || settings.fill == .noise ? known : nil
            var painted = Prior(
                image: paint(face, frame.block(rows: rows, threads: threads), prior: seen, network: network),
                certainty: known.certainty)
            if settings.keepsBorders {
                borders?.cover(&painted, of: face, by: column, finished: finished, softness: settings.softness)
            }
            column.replace(rows: rows, with: painted.image, threads: threads)
            finished.insert(face)
        }
        return column
    }

    /// Has all faces met once or more where nothing else is known of them.
    private func preview(_ frame: Image, threads: Int, network: PartNetwork) {
        for _ in 0..<settings.previews {
            for face in Self.order {
                let picture = frame.block(rows: Self.rows(of: face, size: frame.width), threads: threads)
                let prior = settings.fill == .noise ? empty(face, size: frame.width) : nil
                _ = paint(face, picture, prior: prior, network: network)
            }
        }
    }

    private func paint(_ face: CubeFace, _ picture: Image, prior: Prior?, network: PartNetwork) -> Image {
        guard settings.sharesStatistics else { return network(picture, prior, []).picture }
        let painted = network(picture, prior, Self.order.compactMap { $0 == face ? nil : statistics[$0] })
        // The whole change would overdo it, for the others change as well.
        statistics[face] = PictureStatistics(pooling: [statistics[face], painted.statistics].compactMap { $0 })
        return painted.picture
    }

    private static func rows(of face: CubeFace, size: Int) -> Range<Int> {
        face.rawValue * size..<(face.rawValue + 1) * size
    }

    private func borders(size: Int, threads: Int) -> FaceBorders? {
        guard settings.bordersArePrior || settings.keepsBorders else { return nil }
        if let borders, borders.size == size { return borders }
        borders = FaceBorders(size: size, extent: geometry.extent, threads: threads)
        return borders
    }

    private func empty(_ face: CubeFace, size: Int) -> Prior {
        Prior.empty(
            width: size, height: size, fill: settings.fill,
            seed: seed &* UInt64(CubeFace.allCases.count) &+ UInt64(face.rawValue))
    }
}

extension Image {
    /// Some of its rows.
    package func block(rows: Range<Int>, threads: Int = 0) -> Image {
        let (width, height, count) = (width, height, rows.count)
        return Image(width: width, height: count, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                parallelRows(channels * count, threads: threads) { lines in
                    for line in lines {
                        let (channel, row) = line.quotientAndRemainder(dividingBy: count)
                        let first = (channel * height + rows.lowerBound + row) * width
                        for x in 0..<width { target[line * width + x] = source[first + x] }
                    }
                }
            }
        }
    }

    /// Puts a block in the place of some of its rows.
    mutating func replace(rows: Range<Int>, with block: Image, threads: Int = 0) {
        precondition(
            block.width == width && block.height == rows.count && block.channels == channels,
            "a block has its rows' size")
        let (width, height, count, channels) = (width, height, rows.count, channels)
        samples.withUnsafeMutableBufferPointer { target in
            let target = target
            block.samples.withUnsafeBufferPointer { source in
                parallelRows(channels * count, threads: threads) { lines in
                    for line in lines {
                        let (channel, row) = line.quotientAndRemainder(dividingBy: count)
                        let first = (channel * height + rows.lowerBound + row) * width
                        for x in 0..<width { target[first + x] = source[line * width + x] }
                    }
                }
            }
        }
    }
}

extension Plane {
    /// Some of its rows.
    package func block(rows: Range<Int>) -> Plane {
        Plane(
            width: width, height: rows.count,
            values: Array(values[rows.lowerBound * width..<rows.upperBound * width]))
    }
}
