import ArgumentParser
import Conversions
import GstPentimento
import MediaIO
import Shots

struct StylizeCommand: ShotPainter {
    static let configuration = CommandConfiguration(
        commandName: "stylize",
        abstract: "Stylizes videos, images and image sequences with a trained model.",
        discussion: ConversionOptions.discussion)

    @OptionGroup var conversion: ConversionOptions

    @OptionGroup var quality: QualityOptions

    @OptionGroup var style: StyleOptions

    @Option(optional: Stylize.scale, default: "by --brush") var scale

    @OptionGroup var mask: MaskChoice
    @OptionGroup var flowFiles: FlowFileOptions
    @OptionGroup var shots: ShotOptions

    @Flag(help: "Stylize each frame independently, without temporal coherence.")
    var perFrame = false

    func validate() throws {
        try shots.check(conversion, quality: quality.encoder)
        guard shots.list == nil || !flowFiles.areGiven else {
            throw ValidationError("--shots goes together with no --flow-pattern")
        }
        guard scale == nil || style.brush == nil else {
            throw ValidationError("--scale and --brush both say at which size the network works; give one of them")
        }
        guard !flowFiles.areGiven || !perFrame && !conversion.isSeveral else {
            throw ValidationError("--flow-pattern belongs to one input, and to frames that are not painted --per-frame")
        }
        guard !flowFiles.areGiven || style.flow == nil else {
            throw ValidationError("--flow is a preset of estimated flow; with --flow-pattern it is read from files")
        }
    }

    func run() throws {
        try Pentimento.startElements()
        try mask.check(conversion)
        let names = try style.names() + [mask.location].compactMap(\.self)
        try conversion.convertAll { try convert($0, names) }
    }

    private func convert(
        _ job: ConversionJob, _ names: [(property: String, value: String)]
    ) throws -> any ConversionSummary {
        let input = try shots.opened(job, self.conversion)
        try flowFiles.check(for: input, self.conversion)
        var settings = self.conversion.settings(for: job, quality: quality.encoder, threads: style.threads.value)
        let part = try part(of: input, job, settings)
        if let part, !self.conversion.common.force, try part.isDone { return part.report(seconds: nil) }
        part?.apply(to: &settings)
        // From here on a temporary file exists, which a signal has to remove.
        Interrupt.listen()
        let conversion = try Conversion(
            input, to: part?.path ?? job.output,
            filter: style.element(perFrame: perFrame, quality: quality.painting, scale: scale) + " \(mask.properties)",
            settings: settings)
        for (property, value) in names { conversion.set(property, of: "stylizer", to: value) }
        for setting in flowFiles.propertySettings { conversion.set(setting.name, of: "opticalflow", to: setting.text) }
        guard let part else {
            var report = try self.conversion.run(conversion, of: job, measuring: StyleOptions.measured)
            report.style = style.style.value
            report.perFrame = perFrame
            return report
        }
        let report = try part.guarding(conversion) {
            try self.conversion.run(conversion, of: job, measuring: [], frames: part.frameCount)
        }
        return part.report(seconds: report.seconds)
    }

    func part(
        of input: MediaInput, _ job: ConversionJob, _ settings: Conversion.Settings
    ) throws -> PartPainting? {
        guard shots.list != nil else { return nil }
        let size = settings.size?.resolved(for: input) ?? (width: input.width, height: input.height)
        let detector = Detector(quality: quality.painting, flow: style.flow?.value, size: size, settings)
        var pixels = PixelSettings(settings)
        try style.add(to: &pixels, quality: quality.painting, perFrame: perFrame)
        if let scale { pixels.add(scale.name, scale.text) }
        try mask.add(to: &pixels)
        return try shots.painting(
            of: input, job, detector: detector, isCoherent: !perFrame, settings: pixels)
    }
}
