import Imaging
import Support

/// The photographs of a folder and its subfolders, decoded and kept in memory.
public struct PhotoSet: Sendable {
    /// How photographs are prepared.
    public struct Settings: Sendable, Equatable {
        /// Larger images are downscaled to this shorter side, in pixels.
        public var shorterSide = 512
        /// Images with a shorter side below this are skipped, in pixels.
        public var smallestSide = 64
        /// Maximum memory of all photographs in bytes; from a larger folder a random selection is taken.
        public var memoryLimit = 400 << 20
        /// Share of the photographs that is held out for validation, 0...1; none if there are fewer than eight.
        public var heldOut = 0.05
        /// Maximum number of held-out photographs.
        public var mostHeldOut = 16

        /// The defaults of `pentimento train`.
        public init() {}
    }

    /// Photographs for training, sorted by name; never empty.
    public let training: [Photograph]
    /// Photographs for validation; empty if there are too few.
    public let heldOut: [Photograph]
    /// Files that were skipped, with the reason.
    public let skipped: [SkippedFile]
    /// Number of files that were not read because the memory limit was reached.
    public let leftOut: Int
    /// Hash of the photographs and of their split into training and validation.
    public let fingerprint: String

    /// Decodes the photographs in parallel.
    ///
    /// The same files give the same set, on any number of threads. If the memory limit does not allow all, a random
    /// selection is taken.
    ///
    /// - Parameters:
    ///   - folder: a folder or a single file.
    ///   - decode: decodes the image at a path to picture space, or throws what is wrong with it. Called from several
    ///     threads.
    ///   - onProgress: called from time to time with the numbers of finished files and of all files; throwing stops the
    ///     loading.
    /// - Throws: ``TrainingDataError`` if the folder cannot be read or has no usable photograph.
    public init(
        folder: String, settings: Settings = Settings(), threads: Int = 0,
        decode: @escaping @Sendable (_ path: String) throws -> Image,
        onProgress: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
    ) throws {
        let files = try TrainingFiles.list(folder, kind: "photographs")
        var random = SplitMix(seed: 0)
        let order = files.indices.map { (key: random.next(), index: $0) }.sorted { $0.key < $1.key }.map(\.index)
        var found: [(index: Int, photograph: Photograph)] = []
        var skipped: [(index: Int, file: SkippedFile)] = []
        var (done, used) = (0, 0)
        while done < order.count {
            let group = Array(order[done..<min(done + PhotoSet.filesAtOnce, order.count)])
            let results = parallelMap(
                group.count, threads: threads, missing: { _ in .failure(TrainingDataError("\(Cancelled())")) },
                { index in
                    PhotoSet.photograph(
                        TrainingFiles.path(files[group[index]], in: folder), settings: settings, decode: decode)
                })
            for (index, result) in zip(group, results) {
                switch result {
                case .success(let photograph):
                    used += photograph.bytes.count
                    if used > settings.memoryLimit && !found.isEmpty { break }
                    found.append((index, photograph))
                case .failure(let error):
                    skipped.append((index, SkippedFile(file: files[index], reason: error.description)))
                }
            }
            done += group.count
            try onProgress(done, order.count)
            if used > settings.memoryLimit { break }
        }
        self.skipped = skipped.sorted { $0.index < $1.index }.map(\.file)
        leftOut = files.count - found.count - skipped.count
        guard !found.isEmpty else {
            throw TrainingFiles.nothing(in: folder, kind: "photographs", skipped: self.skipped)
        }
        let spare = found.count < 8 ? 0 : max(1, Int(Double(found.count) * settings.heldOut))
        let held = settings.heldOut > 0 ? min(spare, settings.mostHeldOut) : 0
        heldOut = found[..<held].sorted { $0.index < $1.index }.map(\.photograph)
        training = found[held...].sorted { $0.index < $1.index }.map(\.photograph)
        fingerprint = PhotoSet.fingerprint(training, heldOut)
    }

    /// A set of photographs that are already loaded.
    public init(training: [Photograph], heldOut: [Photograph] = []) {
        precondition(!training.isEmpty, "a set has a photograph")
        self.training = training
        self.heldOut = heldOut
        skipped = []
        leftOut = 0
        fingerprint = PhotoSet.fingerprint(training, heldOut)
    }

    /// Warnings for the user, one sentence each.
    public var warnings: [String] {
        var lines: [String] = []
        if !skipped.isEmpty { lines.append(TrainingFiles.warning(of: skipped)) }
        if leftOut > 0 {
            lines.append("\(leftOut) photographs are not used: those before them fill the memory meant for them.")
        }
        let count = training.count + heldOut.count
        if count < PhotoSet.enough {
            lines.append(
                "There \(count == 1 ? "is one photograph" : "are \(count) photographs") only: "
                    + "the style may suit other images less well; use \(PhotoSet.enough) or more.")
        }
        return lines
    }

    /// Recommended minimum number; with fewer a style generalises less well.
    private static let enough = 40
    /// Files per progress report.
    private static let filesAtOnce = 16
}

extension PhotoSet {
    private static func photograph(
        _ path: String, settings: Settings, decode: (String) throws -> Image
    ) -> Result<Photograph, TrainingDataError> {
        do {
            let image = try decode(path)
            let shorter = min(image.width, image.height)
            guard shorter >= settings.smallestSide else {
                return .failure(
                    TrainingDataError(
                        "has only \(image.width) x \(image.height) pixels; \(settings.smallestSide) a side are needed"
                    ))
            }
            return .success(Photograph(image, shorterSide: settings.shorterSide))
        } catch {
            return .failure(TrainingDataError(TrainingFiles.reason(error, path: path)))
        }
    }

    private static func fingerprint(_ training: [Photograph], _ heldOut: [Photograph]) -> String {
        var fingerprint = Fingerprint()
        fingerprint.add(UInt64(training.count))
        for photograph in training + heldOut {
            fingerprint.add(UInt64(photograph.width))
            fingerprint.add(photograph.digest)
        }
        return fingerprint.text
    }
}
