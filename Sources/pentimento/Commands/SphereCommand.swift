import ArgumentParser
import Conversions
import GStreamerKit
import MediaIO
import Shots
import Sphere

struct SphereCommand: ShotPainter {
    static let configuration = CommandConfiguration(
        commandName: "sphere",
        abstract: "Stylizes 360-degree videos and images without visible seams.",
        discussion: """
            INPUT is a video, a still image, or a printf pattern of frames (frame_%04d.png) that shows the whole sphere. It is \
            equirectangular (twice as wide as high) or a cube map: right, left, up above down, front, back (3x2), the same in a \
            row (6x1) or a column (1x6), or a cross (4x3). The output has the input's layout and size. Equirectangular output \
            carries 360-degree metadata (.mp4, .mov, .mkv, .webm, .jpg, .png). Timestamps and sound are kept; the output file \
            appears when it is complete. `pentimento view` makes a web page to look around in it.

            \(ConversionOptions.severalInputs)
            """)

    @OptionGroup var conversion: ConversionOptions

    @OptionGroup var quality: QualityOptions

    @OptionGroup(title: "Sphere") var sphere: SphereOptions

    @OptionGroup(title: "Style") var style: StyleOptions

    @OptionGroup var shots: ShotOptions

    @Flag(help: "Stylize each frame independently, without temporal coherence.")
    var perFrame = false

    func validate() throws { try shots.check(conversion, quality: quality.encoder) }

    func run() throws {
        try Pentimento.startElements()
        let names = try style.names()
        try conversion.convertAll { try convert($0, names) }
    }

    private func convert(
        _ job: ConversionJob, _ names: [(property: String, value: String)]
    ) throws -> any ConversionSummary {
        let options = self.conversion
        let input = try shots.opened(job, conversion)
        var settings = options.settings(for: job, quality: quality.encoder, threads: style.threads.value)
        let part = try part(of: input, job, settings)
        if let part, !options.common.force, try part.isDone { return part.report(seconds: nil) }
        let (size, plan) = try layout(of: input, job, settings)
        settings.outputSize = plan.outputSize
        settings.spherical = plan.metadata
        settings.keepsProjection = false
        plan.makePixelsSquare(&settings, of: input, size: size)
        part?.apply(to: &settings)
        // From here on a temporary file exists, which a signal has to remove.
        Interrupt.listen()
        let conversion = try Conversion(
            input, to: part?.path ?? job.output,
            filter: plan.filter(
                style.sphereElements(
                    perFrame: perFrame || input.kind == .still, quality: quality.painting,
                    fill: sphere.fill.assignment, more: sphere.borders.assignment)), settings: settings)
        for (property, value) in names { conversion.set(property, of: "stylizer", to: value) }
        if let part {
            let report = try part.guarding(conversion) {
                try options.run(conversion, of: job, measuring: [], frames: part.frameCount)
            }
            return part.report(seconds: report.seconds)
        }
        var report = try options.run(conversion, of: job, measuring: Self.measured)
        if let note = note(plan, path: job.output) { Terminal.write("pentimento: \(note)", to: .error) }
        report.style = style.style.value
        report.perFrame = perFrame
        report.sphere = .init(
            layout: plan.layout.rawValue, outputLayout: plan.outputLayout.rawValue, faceSize: plan.geometry.faceSize,
            overlap: plan.geometry.overlap, borders: sphere.borders.text)
        return report
    }

    private func layout(
        of input: MediaInput, _ job: ConversionJob, _ settings: Conversion.Settings
    ) throws -> (size: (width: Int, height: Int), plan: SphereOptions.Plan) {
        let size = settings.size?.resolved(for: input) ?? (width: input.width, height: input.height)
        return (
            size, try sphere.plan(job.input, size: size, metadata: SphericalMetadata.read(ofFirstFileIn: input))
        )
    }

    func part(
        of input: MediaInput, _ job: ConversionJob, _ settings: Conversion.Settings
    ) throws -> PartPainting? {
        guard shots.list != nil else { return nil }
        let (size, plan) = try layout(of: input, job, settings)
        let detector = Detector(
            quality: quality.painting, flow: style.flow?.value, size: size, settings, faces: plan)
        var pixels = PixelSettings(settings)
        try style.add(to: &pixels, quality: quality.painting, perFrame: perFrame)
        pixels.add("output-layout", plan.outputLayout.rawValue)
        for setting in [sphere.fill, sphere.borders] as [any PropertySetting] { pixels.add(setting.name, setting.text) }
        return try shots.painting(
            of: input, job, detector: detector, isCoherent: !perFrame, settings: pixels)
    }

    private static let measured = [
        "cubemapsplit", "opticalflow", "occlusioncheck", "flowwarp", "spherestylize", "cubemapjoin",
    ]

    /// A note if the output has no 360-degree metadata.
    private func note(_ plan: SphereOptions.Plan, path: String) -> String? {
        if plan.metadata == nil {
            return
                "\(path): has no 360-degree metadata, since no standard covers cube maps with this orientation of the faces"
        }
        return SphericalMetadata.hasPlace(in: path)
            ? nil : "\(path): this file format has no 360-degree metadata; .jpg and .png have"
    }
}
