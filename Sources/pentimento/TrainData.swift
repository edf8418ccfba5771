import Conversions
import Imaging
import MediaIO
import NeuralNet
import Style
import Training

/// The training samples and the validation data, loaded from the folders in the options.
struct TrainData {
    /// A file that could not be used, and why.
    struct Skipped: Encodable {
        let file: String
        let reason: String
    }

    let source: any SequenceSource
    let heldOut: [Photograph]
    private let clips: ClipSet?
    let photographCount: Int
    let skipped: [Skipped]
    /// Description of the inputs that the result depends on, for the model's metadata.
    let inputs: [String: String]

    /// Loads the photographs and computes the optical flow of the videos.
    init(_ options: TrainDataOptions, settings: TrainingSettings) throws {
        let mix = try options.sequenceMix()
        let folder = try options.photosFolder()
        let photos = try Self.photographs(folder, threads: settings.threads)
        let synthetic = SyntheticSequences(photographs: photos.training, mix: mix, seed: settings.seed)
        var skipped = photos.skipped.map { Skipped(file: "\(folder)/\($0.file)", reason: $0.reason) }
        var inputs = ["photos": "\(photos.training.count) photographs, \(photos.fingerprint)", "mix": "\(mix)"]
        var sources: [(source: any SequenceSource, weight: Double)] = [(synthetic, mix.synthetic)]
        if mix.sphere > 0 {
            sources.append(
                (FaceBorderSequences(photographs: photos.training, mix: mix, seed: settings.seed), mix.sphere))
        }
        if let folder = options.videos {
            let clips = try Self.clips(folder, options, settings)
            skipped += clips.skipped.map { Skipped(file: "\(folder)/\($0.file)", reason: $0.reason) }
            sources.append((clips, mix.video))
            inputs["videos"] = "\(clips.segmentCount) stretches, \(clips.fingerprint)"
            self.clips = clips
        } else {
            guard mix.synthetic + mix.sphere > 0 else {
                throw MediaError("--mix asks for nothing but video; name a folder with --videos, or add shift:1")
            }
            clips = nil
        }
        self.source = sources.count == 1 ? synthetic : MixedSource(sources, seed: settings.seed)
        heldOut = photos.heldOut
        photographCount = photos.training.count
        self.skipped = skipped
        self.inputs = inputs
    }

    /// The validation on held-out data.
    func validation(_ settings: TrainingSettings, every interval: Int) throws -> Validation {
        var validation = Validation(
            heldOut: heldOut, size: settings.cropSize, interval: interval == 0 ? .max : interval, seed: settings.seed)
        let frames = (Validation.depths.last ?? 0) + 1
        validation.clips += try clips?.validation(frames: frames, size: settings.cropSize) ?? []
        return validation
    }

    private static func photographs(_ folder: String, threads: Int) throws -> PhotoSet {
        var bar = CountBar("reading photographs")
        defer { bar.clear() }
        let photos = try PhotoSet(
            folder: folder, threads: threads,
            // Transparent parts become white.
            decode: { try Image(contentsOf: $0, over: 255, largestPixelCount: 1 << 27, takesFirstFrame: true) },
            onProgress: { done, of in
                bar.show(done, of: of)
                try checkInterrupt()
            })
        bar.clear()
        warn(photos.warnings, of: folder)
        return photos
    }

    private static func clips(_ folder: String, _ options: TrainDataOptions, _ settings: TrainingSettings) throws
        -> ClipSet
    {
        var bar = CountBar("finding motion")
        defer { bar.clear() }
        let clips = try ClipSet(
            folder: folder, cache: options.cacheFolder, seed: settings.seed, threads: settings.threads,
            open: { path in
                let reader = try FrameReader(path)
                return { try reader.next()?.image }
            },
            onProgress: { line in
                bar.show(line)
                try checkInterrupt()
            })
        bar.clear()
        warn(clips.warnings, of: folder)
        return clips
    }

    private static func checkInterrupt() throws {
        if Interrupt.received != nil { throw MediaError("interrupted while reading; nothing was trained") }
    }

    private static func warn(_ warnings: [String], of folder: String) {
        for warning in warnings { Terminal.write("pentimento: \(folder): \(warning)", to: .error) }
    }
}
