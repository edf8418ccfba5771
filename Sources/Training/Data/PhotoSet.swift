import Imaging

/// The photographs of a folder and of the folders in it, decoded and kept in memory.
public struct PhotoSet: Sendable {
    public struct Settings: Sendable, Equatable {
        /// Larger pictures are shrunk to this, in pixels.
        public var shorterSide = 512
        /// Pictures with a shorter side below this are left out, in pixels.
        public var smallestSide = 64
        /// For all photographs together, in bytes: of a folder with more, some are taken.
        public var memoryLimit = 400 << 20
        /// The share of the photographs that is kept for validation, 0...1; of few photographs none are.
        public var heldBack = 0.05
        /// At most so many are held back.
        public var mostHeldBack = 16

        public init() {}
    }

    /// A file that is no use.
    public struct Skipped: Sendable, Equatable {
        /// Within the folder.
        public let file: String
        public let reason: String
    }

    /// What to train with; never empty.
    public let training: [Photograph]
    /// What to validate with; empty where there are too few photographs to spare any.
    public let heldBack: [Photograph]
    public let skipped: [Skipped]
    /// How many files were not looked at because the memory was full.
    public let leftOut: Int
    /// What the user should know: one line each.
    public let warnings: [String]

    /// Decodes the photographs, several at a time.
    ///
    /// - Parameters:
    ///   - decode: gives the picture of a path in picture space, or throws what is wrong with it.
    ///   - onProgress: called now and then with the number of files done and of all; what it throws ends the loading.
    /// - Throws: ``TrainingDataError`` where the folder cannot be read or has no photograph that can be used.
    public init(
        folder: String, settings: Settings = Settings(), threads: Int = 0,
        decode: @escaping @Sendable (_ path: String) throws -> Image,
        onProgress: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
    ) throws {
        fatalError("comes next")
    }

    /// Photographs that are there already.
    public init(training: [Photograph], heldBack: [Photograph] = []) {
        precondition(!training.isEmpty, "a set has a photograph")
        self.training = training
        self.heldBack = heldBack
        skipped = []
        leftOut = 0
        warnings = []
    }
}
