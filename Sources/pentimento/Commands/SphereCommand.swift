import ArgumentParser
import Conversions
import MediaIO
import Sphere

struct SphereCommand: ParsableCommand {
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

    @Flag(help: "Stylize each frame independently, without temporal coherence.")
    var perFrame = false

    @Flag(help: "Print a summary as JSON.")
    var json = false

    func run() throws {
        try Pentimento.startElements()
        let names = try style.names()
        try conversion.convertAll(json: json) { try convert($0, names) }
    }

    private func convert(_ job: ConversionJob, _ names: [(property: String, value: String)]) throws -> ConversionReport
    {
        let options = self.conversion
        let input = try MediaInput.opened(job.input, conversion)
        var settings = options.settings(for: job, quality: quality.encoder, threads: style.threads.value)
        let size = settings.size?.resolved(for: input) ?? (width: input.width, height: input.height)
        let plan = try sphere.plan(job.input, size: size, metadata: SphericalMetadata.read(ofFirstFileIn: input))
        settings.outputSize = plan.outputSize
        settings.spherical = plan.metadata
        settings.keepsProjection = false
        plan.makePixelsSquare(&settings, of: input, size: size)
        // From here on a temporary file exists, which a signal has to remove.
        Interrupt.listen()
        let conversion = try Conversion(
            input, to: job.output,
            filter: plan.filter(
                style.sphereElements(
                    perFrame: perFrame || input.kind == .still, quality: quality.painting,
                    fill: sphere.fill.assignment, more: sphere.borders.assignment)), settings: settings)
        for (property, value) in names { conversion.set(property, of: "stylizer", to: value) }
        var report = try options.run(conversion, of: job, measuring: Self.measured)
        if let note = note(plan, path: job.output) { Terminal.write("pentimento: \(note)", to: .error) }
        report.style = style.style.value
        report.perFrame = perFrame
        report.sphere = .init(
            layout: plan.layout.rawValue, outputLayout: plan.outputLayout.rawValue, faceSize: plan.geometry.faceSize,
            overlap: plan.geometry.overlap, borders: sphere.borders.text)
        return report
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
