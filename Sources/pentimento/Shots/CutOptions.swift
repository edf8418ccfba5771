import ArgumentParser
import Conversions
import Flow
import GStreamerKit
import GstPentimento
import MediaIO
import Shots
import Sphere

/// The options of the painting that cuts depend on.
struct CutOptions: ParsableArguments {
    /// The commands that paint.
    enum Painting: String, CaseIterable, ExpressibleByArgument { case stylize, optimize, sphere }

    @Option(name: .customLong("for"), help: "The command that paints: stylize, optimize or sphere.")
    var painting = Painting.stylize

    @Option(help: "Its --quality, as a word: live, balanced or best.", transform: Self.quality)
    var quality = Quality.best

    @Option(optional: OpticalFlow.preset, name: "flow", default: "that of the command") var flow

    @Option(help: "Its --size.")
    var size: RequestedSize?

    @Option(help: "Its --deinterlace: auto, on or off.")
    var deinterlace = Deinterlacing.auto

    @Flag(help: "As it, keep HDR.")
    var keepHDR = false

    @Option(help: "The --layout of sphere.")
    var layout: SphereLayout?

    @Option(parsing: .unconditional, help: "The --face of sphere.")
    var face: Int?

    @Option(parsing: .unconditional, help: "The --overlap of sphere.")
    var overlap: Int?

    /// How cuts are found.
    struct Plan {
        let detector: Detector
        let elements: String
        let settings: Conversion.Settings
    }

    private static func quality(_ text: String) throws -> Quality {
        guard let quality = Quality(rawValue: text), quality != .auto else {
            throw ValidationError("--quality is live, balanced or best, not \(text)")
        }
        return quality
    }

    func validate() throws {
        guard painting == .sphere || layout == nil && face == nil && overlap == nil else {
            throw ValidationError("--layout, --face and --overlap belong to --for sphere")
        }
        guard deinterlace != .fields else {
            throw ValidationError("--deinterlace fields has no shots, as a frame then is half of one of the film")
        }
    }

    /// - Throws: `MediaError` if the film is no sphere, and should be one.
    func plan(for input: MediaInput) throws -> Plan {
        var settings = Conversion.Settings()
        settings.size = size
        settings.deinterlacing = deinterlace
        settings.keepsHDR = keepHDR
        let frame = size?.resolved(for: input) ?? (width: input.width, height: input.height)
        switch painting {
        case .stylize:
            let detector = Detector(quality: quality, flow: flow?.value, size: frame, settings)
            return Plan(detector: detector, elements: detector.elements(), settings: settings)
        case .optimize:
            let detector = Detector(optimizingWith: flow?.value ?? .quality, size: frame, settings)
            return Plan(detector: detector, elements: detector.elements(), settings: settings)
        case .sphere:
            let faces = try SphereOptions.plan(
                input, size: frame, layout: layout, face: face, overlap: overlap, &settings)
            let detector = Detector(quality: quality, flow: flow?.value, size: frame, settings, faces: faces)
            return Plan(detector: detector, elements: detector.elements(faces: faces), settings: settings)
        }
    }
}
