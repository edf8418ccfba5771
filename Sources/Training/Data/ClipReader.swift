import Imaging

/// Gets the segments of clips from the cache, or by scanning the clips.
struct ClipReader {
    private let settings: ClipSet.Settings
    private let scanner: ClipScanner
    private var cache: ClipCache

    /// - Throws: `FileError` if the cache folder cannot be created.
    init(cache: String, settings: ClipSet.Settings, threads: Int) throws {
        self.settings = settings
        self.cache = try ClipCache(folder: cache, limit: settings.cacheLimit)
        scanner = ClipScanner(settings: settings, threads: threads)
    }

    /// One or more segments, or why there are none.
    /// - Throws: errors of `onProgress`, and `FileError` if the cache cannot be written.
    mutating func segments(
        of path: String, open: (String) throws -> ClipSet.FrameSource, onProgress: (String) throws -> Void
    ) throws -> Result<[ClipSegmentFile], TrainingDataError> {
        guard let key = ClipCache.key(of: path, settings: settings) else {
            return .failure(TrainingDataError("cannot be read"))
        }
        if let found = cache.segments(key) {
            return found.isEmpty ? .failure(Self.nothingMoves(settings)) : .success(found)
        }
        let source: ClipSet.FrameSource
        do { source = try open(path) } catch {
            return .failure(TrainingDataError(TrainingFiles.reason(error, path: path)))
        }
        return try scan(source, path: path, key: key, onProgress)
    }

    private mutating func scan(
        _ source: ClipSet.FrameSource, path: String, key: String, _ onProgress: (String) throws -> Void
    ) throws -> Result<[ClipSegmentFile], TrainingDataError> {
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
                        "has only \(image.width) x \(image.height) pixels; \(settings.smallestSide) a side are needed"
                    return nil
                }
                return Photograph(image, shorterSide: settings.shorterSide)
            } catch {
                // Segments before the error can still be used.
                failure = TrainingFiles.reason(error, path: path)
                return nil
            }
        }
        try scanner.scan(next) { segment in
            if isFull { return }
            // Store no results of a cancelled scan: the cache outlives this run.
            try Cancellation.check()
            if try cache.keep(segment, of: key, number: kept) { kept += 1 } else { isFull = true }
        }
        try Cancellation.check()
        // An incompletely read clip is scanned again next time.
        if !isFull && failure == nil { try cache.finish(key, count: kept) }
        if kept == 0 {
            if isFull { failure = "does not fit into the cache folder" }
            return .failure(failure.map { TrainingDataError($0) } ?? Self.nothingMoves(settings))
        }
        return .success(cache.files(key, count: kept))
    }

    private static func nothingMoves(_ settings: ClipSet.Settings) -> TrainingDataError {
        TrainingDataError(
            "has no \(settings.segmentLength) consecutive frames without a cut in which anything changes")
    }

    private static let framesPerReport = 8
}
