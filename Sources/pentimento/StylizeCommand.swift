import ArgumentParser
import MediaIO

struct StylizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stylize",
        abstract: "Stylizes a video, a picture or a series of pictures.",
        discussion: """
            INPUT is a video, a still picture, or a printf pattern of frames (frame_%04d.png). The output's ending says what \
            is written: .mp4, .mov, .mkv (H.264), .webm (VP9), .png, .jpg, .ppm, or a pattern of pictures. Rotation, frame \
            times and sound are kept; the output appears when it is whole.
            """)

    @Argument(help: "A video, a picture, or a pattern such as frame_%04d.png.")
    var input: String

    @Option(name: .shortAndLong, help: "Where to write.")
    var output: String

    @OptionGroup var style: StyleOptions

    @Flag(help: "Each frame on its own, without coherence.")
    var perFrame = false

    @Option(help: "Of the encoder, 1 to 100.")
    var quality = 80

    @Option(help: "Work and write at this size: 640x360, or 640x and x360 to keep the proportions.")
    var size: FrameSize?

    @Option(help: "Where to begin, in seconds.")
    var start: Double?

    @Option(help: "How much to take, in seconds.")
    var duration: Double?

    @Option(help: "Of a series of pictures, in frames per second: 25, or 30000/1001.")
    var frameRate = "25"

    @Flag(help: "Replace the output if it exists.")
    var force = false

    @Flag(help: "Print what was done as JSON.")
    var json = false

    func validate() throws {
        guard (1...100).contains(quality) else { throw ValidationError("--quality is 1 to 100, not \(quality)") }
        if let start, !(start >= 0 && start < 1e9) { throw ValidationError("--start is in seconds from 0 on") }
        if let duration, !(duration > 0 && duration < 1e9) {
            throw ValidationError("--duration is more than 0 seconds")
        }
        guard frameRateFraction != nil else {
            throw ValidationError("--frame-rate is a number or a fraction, not \(frameRate)")
        }
    }

    private var frameRateFraction: String? {
        let parts = frameRate.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard parts.count <= 2, parts.allSatisfy({ (1...1_000_000).contains($0) }) else { return nil }
        return "\(parts[0])/\(parts.count == 2 ? parts[1] : 1)"
    }

    func run() throws {
        try Pentimento.startElements()
        let model = try style.modelPath()
        let input = try MediaInput(input)
        var settings = Conversion.Settings()
        settings.size = size
        settings.start = start
        settings.duration = duration
        settings.quality = quality
        settings.frameRate = frameRateFraction ?? settings.frameRate
        settings.threads = style.threads
        settings.replacing = force
        let conversion = try Conversion(
            input, to: output, filter: style.element(perFrame: perFrame), settings: settings)
        conversion.set("model", of: "stylizer", to: model)
        conversion.onWarning { Terminal.write("pentimento: \($0)", to: .error) }
        let times = conversion.measureTimes(of: StyleOptions.measured)

        let began = Terminal.now
        var bar = ProgressBar(total: expectedFrames(of: input))
        defer { bar.clear() }
        let progress = try Interrupt.guarding {
            try conversion.run { progress in
                bar.show(progress.frames)
                return Interrupt.received == nil ? .goOn : .cancel
            }
        }
        bar.clear()
        if let note = conversion.soundNote { Terminal.write("pentimento: \(note)", to: .error) }
        let seconds = Terminal.now - began
        let report = Report(
            input: self.input, output: output, style: style.style, perFrame: perFrame, frames: progress.frames,
            seconds: seconds, framesPerSecond: Double(progress.frames) / seconds,
            millisecondsPerFrame: Dictionary(
                uniqueKeysWithValues: times.times.filter { $0.buffers > 0 }.map {
                    ($0.element, $0.seconds * 1000 / Double($0.buffers))
                }))
        if json {
            try printJSON(report)
        } else {
            Terminal.write(
                "\(output): \(report.frames) frames in \(decimal(seconds, 1)) s, \(decimal(report.framesPerSecond, 1)) a second",
                to: .output)
        }
    }

    private func expectedFrames(of input: MediaInput) -> Int? {
        guard start != nil || duration != nil else { return input.frameCount }
        guard let rate = input.frameRate, let whole = input.duration else { return nil }
        return Int((min(duration ?? .infinity, max(0, whole - (start ?? 0))) * rate).rounded())
    }

    private struct Report: Encodable {
        let input: String
        let output: String
        let style: String
        let perFrame: Bool
        let frames: Int
        let seconds: Double
        let framesPerSecond: Double
        let millisecondsPerFrame: [String: Double]
    }
}
