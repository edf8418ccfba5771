import Imaging

/// Gets the stretches of clips: from the cache, or by looking through them.
struct ClipReader {
    private let settings: ClipSet.Settings
    private let scanner: ClipScanner
    private var cache: ClipCache

    /// - Throws: `FileError` where the cache folder cannot be made.
    init(cache: String, settings: ClipSet.Settings, threads: Int) throws {
        self.settings = settings
        self.cache = try ClipCache(folder: cache, limit: settings.cacheLimit)
        scanner = ClipScanner(settings: settings, threads: threads)
    }

    /// One stretch or more, or why there are none.
    /// - Throws: what `onProgress` does, and `FileError` where the cache cannot be written.
    mutating func stretches(
        of path: String, open: (String) throws -> ClipSet.FrameSource, onProgress: (String) throws -> Void
    ) throws -> Result<[StretchFile], TrainingDataError> {
        guard let key = ClipCache.key(of: path, settings: settings) else {
            return .failure(TrainingDataError("cannot be read"))
        }
        if let found = cache.stretches(key) {
            return found.isEmpty ? .failure(Self.nothingMoves(settings)) : .success(found)
        }
        let source: ClipSet.FrameSource
        do { source = try open(path) } catch {
            return .failure(TrainingDataError(TrainingFiles.reason(error, path: path)))
        }
        return try look(through: source, path: path, key: key, onProgress)
    }

    private mutating func look(
        through source: ClipSet.FrameSource, path: String, key: String, _ onProgress: (String) throws -> Void
    ) throws -> Result<[StretchFile], TrainingDataError> {
        let settings = settings
        var (number, kept, isFull) = (0, 0, false)
        var failure: String?
        let next = { () throws -> Photograph? in
            if number % Self.framesPerReport == 0 { try onProgress("\(path), frame \(number + 1)") }
            do {
                guard !isFull, let image = try source() else { return nil }
                number += 1
                if min(image.width, image.height) < settings.smallestSide {
                    failure =
                        "is \(image.width) x \(image.height) pixels small; \(settings.smallestSide) are needed each way"
                    return nil
                }
                return Photograph(image, shorterSide: settings.shorterSide)
            } catch {
                // What came before is as good as ever.
                failure = TrainingFiles.reason(error, path: path)
                return nil
            }
        }
        try scanner.scan(next) { stretch in
            if isFull { return }
            // The cache outlives this run.
            try Cancellation.check()
            if try cache.keep(stretch, of: key, number: kept) { kept += 1 } else { isFull = true }
        }
        try Cancellation.check()
        // A clip that was not read to its end is looked through again next time.
        if !isFull && failure == nil { try cache.finish(key, count: kept) }
        if kept == 0 {
            if isFull { failure = "is more than the cache folder may hold" }
            return .failure(failure.map { TrainingDataError($0) } ?? Self.nothingMoves(settings))
        }
        return .success(cache.files(key, count: kept))
    }

    private static func nothingMoves(_ settings: ClipSet.Settings) -> TrainingDataError {
        TrainingDataError(
            "has no \(settings.stretchLength) frames without a cut between them in which anything changes")
    }

    private static let framesPerReport = 8
}
