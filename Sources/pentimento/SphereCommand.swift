import ArgumentParser
import MediaIO
import Sphere

struct SphereCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sphere",
        abstract: "Stylizes 360-degree videos and pictures without seams.",
        discussion: """
            INPUT shows the whole sphere, as an equirectangular picture (twice as wide as high) or as the six faces of a cube: \
            right, left, up over down, front, back (3x2), the same in a row (6x1) or a column (1x6), or a cross (4x3). It is \
            a video, a still picture, or a printf pattern of frames (frame_%04d.png). The output has the input's layout and size; \
            it says to players that it is a sphere (.mp4, .mov, .mkv, .webm, .jpg, .png) where it is equirectangular. \
            Frame times and sound are kept; the output appears when it is whole. `pentimento view` makes a page to look around in it.
            """)

    @OptionGroup var conversion: ConversionOptions

    @OptionGroup(title: "Sphere") var sphere: SphereOptions

    @OptionGroup(title: "Style") var style: StyleOptions

    @Flag(help: "Each frame on its own, without coherence in time.")
    var perFrame = false

    @Flag(help: "Print what was done as JSON.")
    var json = false

    func run() throws {
        try Pentimento.startElements()
        let model = try style.modelPath()
        let options = self.conversion
        let input = try MediaInput(options.input)
        var settings = options.settings(threads: style.threads)
        let size = settings.size?.resolved(for: input) ?? (width: input.width, height: input.height)
        let plan = try sphere.plan(options.input, size: size, metadata: Self.metadata(of: input))
        settings.outputSize = plan.outputSize
        settings.spherical = plan.metadata
        if settings.size == nil, input.pixelAspectRatio != 1, plan.layout == .equirectangular {
            // The shape of a pixel follows from what the frame shows.
            settings.size = FrameSize(width: size.width, height: size.width / 2)
        }
        // From here on there is a file under a temporary name.
        Interrupt.listen()
        let conversion = try Conversion(
            input, to: options.output, filter: plan.filter(painting(input)), settings: settings)
        conversion.set("model", of: "stylizer", to: model)
        var report = try options.run(conversion, measuring: Self.measured)
        if let note = note(plan) { Terminal.write("pentimento: \(note)", to: .error) }
        report.style = style.style
        report.perFrame = perFrame
        report.sphere = .init(
            layout: plan.layout.rawValue, outputLayout: plan.outputLayout.rawValue, faceSize: plan.geometry.faceSize,
            overlap: plan.geometry.overlap, borders: sphere.borders.rawValue)
        try report.show(json: json)
    }

    private static let measured = [
        "cubemapsplit", "opticalflow", "occlusioncheck", "flowwarp", "spherestylize", "cubemapjoin",
    ]

    /// From columns of faces to painted columns.
    private func painting(_ input: MediaInput) -> String {
        let stylizer =
            "spherestylize \(style.properties) borders=\(sphere.borders.rawValue) fill=\(sphere.fill.rawValue)"
        if perFrame || input.kind == .still { return stylizer }
        // The queue lets the flow of the next frame be computed while one is painted.
        return """
            opticalflow preset=\(style.flow.rawValue) ! occlusioncheck \
            ! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0 \
            ! flowwarp fill=\(sphere.fill.rawValue) ! \(stylizer)
            """
    }

    private static func metadata(of input: MediaInput) throws(MediaError) -> SphericalMetadata? {
        guard case .frames(let pattern, let numbers) = input.kind else {
            return try SphericalMetadata.read(from: input.path)
        }
        return try SphericalMetadata.read(from: pattern.path(numbers.lowerBound))
    }

    /// What the output does not say of its sphere.
    private func note(_ plan: SphereOptions.Plan) -> String? {
        let path = conversion.output
        if plan.metadata == nil {
            return
                "\(path): players are not told that this is a cube map, for no standard has faces as these are turned"
        }
        return SphericalMetadata.hasPlace(in: path)
            ? nil : "\(path): this kind of file has no place to say that it is a sphere; .jpg and .png have"
    }
}
