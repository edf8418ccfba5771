import Conversions
import MediaIO
import Shots
import Support

/// The painting of one shot into a part.
struct PartPainting {
    let shot: ShotList.Shot
    /// The part.
    let path: String
    private let input: MediaInput
    private let listPath: String
    private let tags: PartTags
    private let list: ShotList

    /// - Parameters:
    ///   - detector: what cuts depend on, with the options of the command.
    ///   - isCoherent: whether frames depend on those before them, so that cuts matter.
    ///   - settings: all else that pixels depend on.
    /// - Throws: ``ShotFailure`` if the list is wrong, has no such shot, or belongs to another film or other settings.
    init(
        of input: MediaInput, list path: String, shot number: Int, to output: String, detector: Detector,
        isCoherent: Bool, settings: PixelSettings
    ) throws {
        let list = try ShotFailure.list(path)
        guard let shot = list.shot(number) else {
            throw ShotFailure(.list, "\(path): has no shot \(number); it has shots 1 to \(list.shots.count)")
        }
        try FilmCheck.check(input.path, is: list.film, list: path)
        if isCoherent, let difference = detector.difference(from: list.detector) {
            throw ShotFailure(
                .mismatch,
                "\(path): was found for other settings: here \(difference); "
                    + "paint with those of the list, or write a list by pentimento shots with these options")
        }
        let part = FramePattern(output)?.path(number) ?? FramePattern.literal(output)
        var settings = settings
        settings.add(detector)
        let tags = PartTags(
            shot, of: list, settings: settings.text, painting: detector.painting, isHDR: detector.keepHDR,
            command: CommandText.ofThisProcess)
        (self.input, self.shot, self.tags, self.path, listPath, self.list) = (input, shot, tags, part, path, list)
    }

    /// Whether the part is there already, whole and of the same settings.
    ///
    /// - Throws: ``ShotFailure`` if something else is there.
    var isDone: Bool {
        get throws {
            guard Files.exists(path) else { return false }
            let found = (try? PartFile(path)).flatMap(PartTags.init)
            guard let difference = found.map(difference(of:)) ?? "is no whole part" else { return true }
            throw ShotFailure(.parts, "\(path): is there, and \(difference); --force replaces it")
        }
    }

    /// Why a part is not this one, to follow its name; nil if it is, whoever painted it.
    func difference(of found: PartTags) -> String? {
        found.difference(from: shot, of: list) ?? found.difference(from: tags)
    }

    /// Has a conversion paint the shot.
    func apply(to settings: inout Conversion.Settings) {
        settings.part = FilmPart(
            start: shot.startTime, end: shot.endTime, frames: shot.frames, preroll: shot.preroll, tags: tags.list)
        // Two machines may paint the same shot: both parts are whole, and the last one stays.
        settings.replacing = true
    }

    /// Number of the first frame that is painted, also if it is not written.
    var firstFrame: Int { shot.first - shot.preroll }
    /// Number of frames that are painted.
    var frameCount: Int { shot.frames + shot.preroll }

    /// Runs a conversion. Its error becomes a ``ShotFailure`` if the film has other frames than the list says.
    func guarding<Result>(_ conversion: Conversion, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            guard Interrupt.received == nil, let problem = conversion.partProblem else { throw error }
            throw ShotFailure(.list, "\(listPath), shot \(shot.shot): \(problem)")
        }
    }

    /// - Parameter seconds: nil: it was there already.
    func report(seconds: Double?) -> PartReport {
        PartReport(
            input: input.path, output: path, shot: shot.shot, first: shot.first, frames: shot.frames,
            isPainted: seconds != nil, isApproximate: shot.preroll > 0, seconds: seconds ?? 0)
    }
}

/// Summary of a shot that was painted.
struct PartReport: ConversionSummary {
    let input: String
    let output: String
    let shot: Int
    let first: Int
    let frames: Int
    /// False: it was there already.
    let isPainted: Bool
    let isApproximate: Bool
    let seconds: Double

    var line: String {
        guard isPainted else { return "\(output): shot \(shot) is there already, whole and of the same settings" }
        return "\(output): shot \(shot), \(frames) frames in \(decimal(seconds, 1)) s"
            + (isApproximate ? ", approximate" : "")
    }
}
