import Imaging
import Style

/// Stylizes a stream of columns of six extended faces: a `Stylizer` whose network is planned for one face and goes over them in
/// sequence.
///
/// For one thread at a time.
public final class SphereStylizer {
    private let stylizer: Stylizer
    private var sequence: FaceSequence?
    private var frameCount: UInt64 = 0

    /// Reads the models of `request`.
    ///
    /// - Throws: `ModelLookupError` or `ModelError`.
    public init(_ request: StyleRequest, library: ModelLibrary = .standard) throws {
        stylizer = try Stylizer(request, library: library)
    }

    /// How uncertain pixels of the prior are to be filled: as the network was trained.
    public var fill: PriorFill { stylizer.fill }

    /// Whether the model in use was trained with borders of faces as prior (paper 6.2).
    public var isTunedForBorders: Bool { stylizer.isTunedForBorders }

    /// The resolution of the outputs, all six faces; of 0 x 0 before it is known.
    public var networkSize: (width: Int, height: Int) { stylizer.networkSize }

    /// Forgets what was shown: what comes has nothing to do with it.
    public func forget() { stylizer.forget() }

    /// Plans for columns of a geometry now, so that the first one need not wait. Forgets what was shown.
    ///
    /// - Throws: `ModelError` if the network cannot be planned.
    public func prepare(_ geometry: CubeGeometry) throws {
        sequence = FaceSequence(geometry: geometry)
        stylizer.parts = sequence
        try stylizer.prepare(width: geometry.columnWidth, height: geometry.columnHeight)
    }

    /// Stylizes one column in place.
    ///
    /// - Parameters:
    ///   - column: of the geometry's size; its prior is one of the whole column.
    ///   - settings: how faces heed their neighbours.
    ///   - request, look, coherence, fade: as `Stylizer` takes them.
    /// - Throws: `ModelError` if a network cannot be planned; `Cancelled`.
    public func stylize(
        _ column: StyleFrame, geometry: CubeGeometry, settings: FaceSequence.Settings = FaceSequence.Settings(),
        request: StyleRequest, look: Look = Look(), coherence: Float = 0, fade: Double = 0.5
    ) throws -> StyleResult {
        if sequence?.geometry != geometry { try prepare(geometry) }
        sequence?.settings = settings
        sequence?.seed = frameCount
        frameCount &+= 1
        return try stylizer.stylize(column, request: request, look: look, coherence: coherence, fade: fade)
    }
}
