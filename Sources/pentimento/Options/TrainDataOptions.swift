import ArgumentParser
import FoundationEssentials
import MediaIO
import Style
import Support
import Training

/// Options that select the training data.
struct TrainDataOptions: ParsableArguments {
    @Option(
        help: """
            Folder of photographs of any content; subfolders are included. (default: the \(includedCount) included ones)
            """)
    var photos: String?

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

    /// Number of the photographs that are installed with the program.
    private static let includedCount = 48

    func validate() throws { _ = try sequenceMix() }

    /// The folder of photographs.
    ///
    /// - Throws: an error that says how to get photographs, if none are given and none installed.
    func photosFolder() throws -> String {
        if let photos { return photos }
        let folders = InstalledFiles.folders("photographs")
        guard let folder = folders.first(where: Files.exists) else {
            throw MediaError(
                "no photographs are installed in \(folders.joined(separator: ", ")): name a folder of some with --photos; "
                    + "any content will do")
        }
        return folder
    }

    func sequenceMix() throws -> SequenceMix {
        do { return try SequenceMix(parsing: mix) } catch { throw ValidationError("--\(error)") }
    }

    var cacheFolder: String {
        let environment = ProcessInfo.processInfo.environment
        return cache
            ?? "\(environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? ".")/.cache")/pentimento/clips"
    }
}
