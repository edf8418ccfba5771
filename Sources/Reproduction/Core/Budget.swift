import Style

/// How much of everything is computed.
public struct Budget: Sendable {
    /// Frames of a scene; nil: all.
    public var frames: Int?
    /// Longer side of the frames in pixels; nil: as in their files.
    public var longerSide: Int?
    /// Maximum iterations of a first frame and of the following ones.
    public var iterations: (first: Int, next: Int)
    /// The optimisation stops below this change of the loss; 0: it does all iterations.
    public var tolerance: Double
    /// Number of scenes and of styles; nil: all.
    public var scenes: Int?
    public var styles: Int?
    /// Steps of a training, and the size of its samples in pixels.
    public var trainingSteps: Int
    public var trainingCrop: Int
    /// Whether it is the short form of the tables, which their headings say.
    public var isQuick: Bool

    /// As in the paper (7.1, 7.2).
    public static let full: Budget = {
        let defaults = OptimizationSettings()
        return Budget(
            frames: nil, longerSide: nil, iterations: (defaults.firstIterations, defaults.nextIterations),
            tolerance: defaults.tolerance, scenes: nil, styles: nil, trainingSteps: 120_000, trainingCrop: 256,
            isQuick: false)
    }()

    /// All tables on a few frames within half an hour on two cores.
    public static let quick = Budget(
        frames: 4, longerSide: 256, iterations: (100, 60), tolerance: 0, scenes: 2, styles: 1, trainingSteps: 60,
        trainingCrop: 128, isQuick: true)

    /// The size of frames that have `width` x `height` pixels in their files.
    func size(width: Int, height: Int) -> (width: Int, height: Int) {
        guard let longerSide, max(width, height) > longerSide else { return (width, height) }
        let factor = Double(longerSide) / Double(max(width, height))
        func scaled(_ side: Int) -> Int { max(1, Int((Double(side) * factor).rounded())) }
        return (scaled(width), scaled(height))
    }

    /// What frames depend on, for the settings of jobs.
    var facts: [String: String] {
        ["frames": frames.map(String.init) ?? "all", "longer-side": longerSide.map(String.init) ?? "file"]
    }

    /// One line for the page.
    var text: String {
        let frames = frames.map { "at most \($0) frames of a scene" } ?? "all frames of a scene"
        let size = longerSide.map { "\($0) pixels on the longer side" } ?? "at the size of the files"
        let stop = tolerance > 0 ? ", until the loss changes by less than \(tolerance) in 50 iterations" : ""
        return
            "\(frames), \(size), \(iterations.first) iterations for a first frame and \(iterations.next) for others\(stop)"
    }
}
