import ArgumentParser
import FoundationEssentials
import Training

/// Options that select the training data.
struct TrainDataOptions: ParsableArguments {
    @Option(help: "Folder of photographs of any content; subfolders are included.")
    var photos: String

    @Option(help: "Folder of videos, whose real motion is used in addition to synthetic motion from photographs.")
    var videos: String?

    @Option(
        help: """
            Mix of the samples. Weights of the kinds of motion: still, shift, zoom, rotation, video, sphere; shares of samples with \
            brightness, noise, occluders, blocks; jitter in pixels.
            """)
    var mix = SequenceMix().description

    @Option(help: "Folder that caches the optical flow of videos. (default: the user's cache folder)")
    var cache: String?

    func validate() throws { _ = try sequenceMix() }

    func sequenceMix() throws -> SequenceMix {
        do { return try SequenceMix(parsing: mix) } catch { throw ValidationError("--\(error)") }
    }

    var cacheFolder: String {
        let environment = ProcessInfo.processInfo.environment
        return cache
            ?? "\(environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? ".")/.cache")/pentimento/clips"
    }
}
