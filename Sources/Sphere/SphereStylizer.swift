import Imaging
import Style

/// Stylizes a stream of batches of six extended faces: a `Stylizer` whose network is planned for one face, run by a
/// ``FaceSequence``.
///
/// Not thread-safe.
public final class SphereStylizer {
    private let stylizer: Stylizer
    private var sequence: FaceSequence?

    /// Loads the models of `request`.
    ///
    /// - Throws: `ModelLookupError` or `ModelError`.
    public init(_ request: StyleRequest, library: ModelLibrary = .standard) throws {
        stylizer = try Stylizer(request, library: library)
    }

    /// Fill of the prior's uncertain pixels that the network was trained with.
    public var fill: PriorFill { stylizer.fill }

    /// Whether the current model was trained with cube-face borders as prior (paper 6.2).
    public var isTunedForBorders: Bool { stylizer.isTunedForBorders }

    /// Size of the outputs, all six faces; 0 x 0 until the networks are planned.
    public var networkSize: (width: Int, height: Int) { stylizer.networkSize }

    /// Discards the previous frame: the next one does not continue it.
    public func reset() { stylizer.reset() }

    /// Plans the networks for a geometry in advance, so that the first frame need not wait. Calls ``reset()``.
    ///
    /// - Throws: `ModelError` if the network cannot be planned.
    public func prepare(_ geometry: CubeGeometry) throws {
        sequence = FaceSequence(geometry: geometry)
        stylizer.batchRunner = sequence
        try stylizer.prepare(width: geometry.columnWidth, height: geometry.columnHeight)
    }

    /// Stylizes one batch of faces in place.
    ///
    /// - Parameters:
    ///   - faces: a batch of the geometry's size; its prior is of the whole batch.
    ///   - settings: how faces are matched to each other.
    ///   - request, compositing, coherence, fade: see `Stylizer.stylize`.
    /// - Throws: `ModelError` if a network cannot be planned; `Cancelled`.
    public func stylize(
        _ faces: StyleFrame, geometry: CubeGeometry, settings: FaceSequence.Settings = FaceSequence.Settings(),
        request: StyleRequest, compositing: CompositingOptions = CompositingOptions(), coherence: Float = 0,
        fade: Double = 0.5
    ) throws -> StyleResult {
        if sequence?.geometry != geometry { try prepare(geometry) }
        sequence?.settings = settings
        return try stylizer.stylize(faces, request: request, compositing: compositing, coherence: coherence, fade: fade)
    }
}
