import ArgumentParser
import Conversions
import MediaIO
import Shots

/// `--shots` and `--shot` of the commands that paint.
struct ShotOptions: ParsableArguments {
    @Option(
        name: .customLong("shots"),
        help: "A list of shots by `pentimento shots`, of which one is painted into a part, such as -o part-%05d.mkv.")
    var list: String?

    @Option(help: "The number of the shot, with --shots.")
    var shot: Int?

    func validate() throws {
        guard (list == nil) == (shot == nil) else {
            throw ValidationError("--shots and --shot belong together: --shots film.shots.json --shot 17")
        }
    }

    /// - Parameter quality: of the encoder.
    /// - Throws: `ValidationError` if options do not go together with shots.
    func check(_ options: ConversionOptions, quality: Int) throws {
        guard list != nil else { return }
        guard !options.isSeveral, !options.watch, !ConversionPlan.isFolder(options.output) else {
            throw ValidationError("--shots takes one film, and one part as the output, such as -o part-%05d.mkv")
        }
        guard options.start == nil, options.duration == nil else {
            throw ValidationError("--shots says which frames are painted; leave --start and --duration out")
        }
        guard options.deinterlace != .fields else {
            throw ValidationError("--deinterlace fields does not go together with --shots")
        }
        guard quality == EncoderOptions.defaultQuality, options.streams.areAll else {
            throw ValidationError(
                "a part is lossless and has no sound; --quality with a number, --audio and --subtitles belong to join")
        }
        guard options.output.hasSuffix(".mkv"), options.container == .auto else {
            throw ValidationError("a part is a Matroska file: -o part-%05d.mkv")
        }
    }

    /// The painting of the shot; nil without `--shots`.
    ///
    /// - Parameters:
    ///   - detector: what cuts depend on, with these options.
    ///   - isCoherent: whether frames depend on those before them.
    ///   - settings: all that pixels depend on.
    /// - Throws: `ShotFailure` if the list does not fit.
    func painting(
        of input: MediaInput, _ job: ConversionJob, detector: Detector, isCoherent: Bool = true,
        settings: PixelSettings
    ) throws -> PartPainting? {
        guard let list, let shot else { return nil }
        return try PartPainting(
            of: input, list: list, shot: shot, to: job.output, detector: detector, isCoherent: isCoherent,
            settings: settings)
    }

    /// The input of a command.
    ///
    /// - Throws: as ``MediaInput/opened(_:_:)``; `ShotFailure` if it is to be painted by shots.
    func opened(_ job: ConversionJob, _ options: ConversionOptions) throws -> MediaInput {
        do {
            return try MediaInput.opened(job.input, options)
        } catch {
            throw list == nil || Interrupt.received != nil ? error : ShotFailure(.decoding, "\(error)")
        }
    }
}
