import Imaging
import Support

/// The photographs of a folder and of the folders in it, decoded and kept in memory.
public struct PhotoSet: Sendable {
    public struct Settings: Sendable, Equatable {
        /// Larger pictures are shrunk to this, in pixels.
        public var shorterSide = 512
        /// Pictures with a shorter side below this are left out, in pixels.
        public var smallestSide = 64
        /// For all photographs together, in bytes: of a folder with more, some are taken.
        public var memoryLimit = 400 << 20
        /// The share of the photographs that is kept for validation, 0...1; of fewer than eight none is.
        public var heldBack = 0.05
        /// At most so many are held back.
        public var mostHeldBack = 16

        public init() {}
    }

    /// What to train with, in the order of their names; never empty.
    public let training: [Photograph]
    /// What to validate with; empty where there are too few photographs to spare any.
    public let heldBack: [Photograph]
    public let skipped: [SkippedFile]
    /// How many files were not looked at because the memory was full.
    public let leftOut: Int
    /// Tells photographs, and how they are divided, from others.
    public let fingerprint: String

    /// Decodes the photographs, several at a time.
    ///
    /// The same files give the same set, on any number of threads. Where the memory does not hold them all, they are a random part.
    ///
    /// - Parameters:
    ///   - folder: or a single file.
    ///   - decode: gives the picture of a path in picture space, or throws what is wrong with it. Called from several threads.
    ///   - onProgress: called now and then with the number of files done and of all; what it throws ends the loading.
    /// - Throws: ``TrainingDataError`` where the folder cannot be read or has no photograph that can be used.
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
                { place in
                    PhotoSet.photograph(
                        TrainingFiles.path(files[group[place]], in: folder), settings: settings, decode: decode)
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
        let spare = found.count < 8 ? 0 : max(1, Int(Double(found.count) * settings.heldBack))
        let held = settings.heldBack > 0 ? min(spare, settings.mostHeldBack) : 0
        heldBack = found[..<held].sorted { $0.index < $1.index }.map(\.photograph)
        training = found[held...].sorted { $0.index < $1.index }.map(\.photograph)
        fingerprint = PhotoSet.fingerprint(training, heldBack)
    }

    /// Photographs that are there already.
    public init(training: [Photograph], heldBack: [Photograph] = []) {
        precondition(!training.isEmpty, "a set has a photograph")
        self.training = training
        self.heldBack = heldBack
        skipped = []
        leftOut = 0
        fingerprint = PhotoSet.fingerprint(training, heldBack)
    }

    /// What the user should know, one sentence each.
    public var warnings: [String] {
        var lines: [String] = []
        if !skipped.isEmpty { lines.append(TrainingFiles.warning(of: skipped)) }
        if leftOut > 0 {
            lines.append("\(leftOut) photographs are not used: those before them fill the memory meant for them.")
        }
        let count = training.count + heldBack.count
        if count < PhotoSet.enough {
            lines.append(
                "There \(count == 1 ? "is one photograph" : "are \(count) photographs") only: "
                    + "a style that has seen few things suits few; some \(PhotoSet.enough) or more are better.")
        }
        return lines
    }

    /// So many photographs are plenty for a style; from fewer it is learnt less well.
    private static let enough = 50
    /// Between two reports of progress.
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
                        "is \(image.width) x \(image.height) pixels small; \(settings.smallestSide) are needed each way"
                    ))
            }
            return .success(Photograph(image, shorterSide: settings.shorterSide))
        } catch {
            return .failure(TrainingDataError(TrainingFiles.reason(error, path: path)))
        }
    }

    private static func fingerprint(_ training: [Photograph], _ heldBack: [Photograph]) -> String {
        var fingerprint = Fingerprint()
        fingerprint.add(UInt64(training.count))
        for photograph in training + heldBack {
            fingerprint.add(UInt64(photograph.width))
            fingerprint.add(photograph.digest)
        }
        return fingerprint.text
    }
}
