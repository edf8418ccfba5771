import ArgumentParser
import MediaIO

struct StylizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stylize",
        abstract: "Stylizes a video, a picture or a series of pictures.",
        discussion: ConversionOptions.discussion)

    @OptionGroup var conversion: ConversionOptions

    @OptionGroup var style: StyleOptions

    @Flag(help: "Each frame on its own, without coherence.")
    var perFrame = false

    @Flag(help: "Print what was done as JSON.")
    var json = false

    func run() throws {
        try Pentimento.startElements()
        let model = try style.modelPath()
        let options = self.conversion
        let input = try MediaInput(options.input)
        let conversion = try Conversion(
            input, to: options.output, filter: style.element(perFrame: perFrame),
            settings: options.settings(threads: style.threads))
        conversion.set("model", of: "stylizer", to: model)
        conversion.onWarning { Terminal.write("pentimento: \($0)", to: .error) }
        let times = conversion.measureTimes(of: StyleOptions.measured)

        let began = Terminal.now
        var bar = ProgressBar(total: options.expectedFrames(of: input))
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
            input: options.input, output: options.output, style: style.style, perFrame: perFrame,
            frames: progress.frames,
            seconds: seconds, framesPerSecond: Double(progress.frames) / seconds,
            millisecondsPerFrame: Dictionary(
                uniqueKeysWithValues: times.times.filter { $0.buffers > 0 }.map {
                    ($0.element, $0.seconds * 1000 / Double($0.buffers))
                }))
        if json {
            try printJSON(report)
        } else {
            Terminal.write(
                "\(options.output): \(report.frames) frames in \(decimal(seconds, 1)) s, \(decimal(report.framesPerSecond, 1)) a second",
                to: .output)
        }
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
