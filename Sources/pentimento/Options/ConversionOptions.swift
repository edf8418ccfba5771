import ArgumentParser
import Conversions
import MediaIO
import Support

/// Input and output options of all commands that convert frames.
struct ConversionOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Videos, images, patterns such as frame_%04d.png, folders of videos and images, or addresses of streams.",
            valueName: "input"))
    var inputs: [String]

    @Option(
        name: .shortAndLong,
        help: "The file to write, a pattern such as out_%04d.png, or a folder (out/) for an output of each input.")
    var output: String

    @Option(
        help: ArgumentHelp(
            "The format of the output: auto (by the ending; Matroska on standard output), matroska, y4m (frames without "
                + "sound, for other encoders), raw (packed RGB24 frames)."))
    var container = OutputFormat.auto

    @Option(help: "Scale to this size: 640x360, or 640x or x360 to keep the aspect ratio.")
    var size: RequestedSize?

    // So that a negative number is a value, and not a missing one.
    @Option(parsing: .unconditional, help: "Start time in seconds.")
    var start: Double?

    @Option(parsing: .unconditional, help: "Duration in seconds.")
    var duration: Double?

    @Option(help: "Frame rate of an image sequence: 25, 29.97, or a fraction such as 30000/1001.")
    var frameRate = "25"

    @Option(
        help: ArgumentHelp(
            "Interlaced frames: auto makes those progressive that are marked as interlaced, on makes all, off none; "
                + "fields is auto with twice as many frames, one of each field."))
    var deinterlace = Deinterlacing.auto

    @Flag(help: "Keep HDR (PQ, HLG) instead of mapping it to SDR; video is written with 10 bits.")
    var keepHDR = false

    @Option(parsing: .unconditional, help: "Bits of a video's values: 8 or 10.")
    var bitDepth = 8

    @Option(help: "Alpha: keep it where the output holds it (.webm, .mov, .png), or off.")
    var alpha = AlphaChoice.keep

    @OptionGroup var streams: StreamOptions

    @Flag(help: "Leave out files of a series that are missing or damaged; the others keep their numbers.")
    var keepGoing = false

    @Flag(help: "Wait for new files in the folder INPUT until a signal; those whose outputs exist are left out.")
    var watch = false

    @OptionGroup var common: CommonOptions

    static let discussion = """
        INPUT is a video, a still image, a printf pattern of frames (frame_%04d.png), standard input (-), or an address. \
        A stream (rtsp://, srt://, udp://, rtp://, rtmp://, tcp://) is recorded until its end, --duration or Ctrl-C, and then \
        painted. The output format follows from the \
        file name extension: .mp4, .mov, .mkv (H.264), .webm (VP9), .y4m (no \
        codec), .png, .jpg, .ppm, or a pattern of images. Rotation, \
        timestamps and sound are kept; the output file appears when it is complete.

        \(severalInputs)
        """

    /// How several inputs are converted.
    static let severalInputs = """
        With a folder as the output (-o out/), each input is written into it under its own name. A folder as an input is \
        all videos and images in it. A file that fails stops no other; the exit code is then 1.
        """

    /// Whether the inputs may be more than one file.
    var isSeveral: Bool { inputs.count > 1 || inputs.contains(where: Files.isFolder) }

    func validate() throws {
        if output == MediaOutput.standard, isSeveral {
            throw ValidationError("-o - takes one input; several need a folder, such as -o painted/")
        }
        guard container == .auto || !isSeveral && !watch && !ConversionPlan.isFolder(output) else {
            throw ValidationError("--container belongs to one output; in a folder, the endings tell the formats")
        }
        guard !watch || inputs.count == 1 && !common.force else {
            throw ValidationError("--watch takes one folder, and no --force: it leaves out what is painted")
        }
        if let start, !(start >= 0 && start < 1e9) { throw ValidationError("--start is in seconds from 0 on") }
        if let duration, !(duration > 0 && duration < 1e9) {
            throw ValidationError("--duration is more than 0 seconds")
        }
        guard [8, 10].contains(bitDepth) else { throw ValidationError("--bit-depth is 8 or 10, not \(bitDepth)") }
        guard FrameRate(frameRate) != nil else {
            throw ValidationError("--frame-rate is a number or a fraction, such as 25 or 30000/1001, not \(frameRate)")
        }
    }

    /// - Parameter quality: of the encoder, 1 to 100.
    func settings(for job: ConversionJob, quality: Int, threads: Int) -> Conversion.Settings {
        var settings = Conversion.Settings()
        settings.size = size
        settings.start = start
        settings.duration = duration
        settings.format = container
        settings.quality = quality
        settings.frameRate = FrameRate(frameRate)?.text ?? settings.frameRate
        settings.threads = threads
        settings.deinterlacing = deinterlace
        settings.keepsHDR = keepHDR
        settings.bitDepth = bitDepth
        settings.keepsGoing = keepGoing
        settings.keepsAlpha = alpha == .keep
        streams.apply(to: &settings)
        settings.replacing = common.force || job.isReplacing
        return settings
    }

    /// The approximate number of output frames; nil if unknown.
    func expectedFrames(of input: MediaInput) -> Int? {
        guard start != nil || duration != nil else { return input.frameCount }
        guard let rate = input.frameRate, let whole = input.duration else { return nil }
        let first = start ?? 0
        let end = min(whole, first + (duration ?? .infinity))
        // With the frame that is shown at the start, and the last one that begins before the end.
        return max(0, Int((end * rate - 1e-6).rounded(.up)) - Int((first * rate + 1e-6).rounded(.down)))
    }
}

extension RequestedSize: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Deinterlacing: ExpressibleByArgument {}

extension OutputFormat: ExpressibleByArgument {}

enum AlphaChoice: String, CaseIterable, ExpressibleByArgument { case keep, off }

extension StreamChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
