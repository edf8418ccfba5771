import ArgumentParser
import GStreamerKit
import GstPentimento
import MediaIO

/// Options for the part of the picture that is painted.
struct MaskChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where to paint: a picture that is white there, of any size, or alpha for the input's own alpha channel.",
            valueName: "picture"))
    var mask: String?

    @Flag(MaskProperties.invert) var maskInvert
    @Option(MaskProperties.feather) var maskFeather

    private static let alpha = MaskSource.alpha.rawValue

    func validate() throws {
        guard mask != nil || !maskInvert && maskFeather.value == MaskProperties.feather.defaultValue else {
            throw ValidationError("--mask-invert and --mask-feather change a mask; say which by --mask")
        }
    }

    /// - Throws: if the mask is a picture that is not there, or the conversion has no alpha that may be a mask.
    func check(_ conversion: ConversionOptions) throws {
        guard let mask else { return }
        guard mask != Self.alpha else {
            guard conversion.alpha == .keep else {
                throw ValidationError("--mask alpha goes together with no --alpha off")
            }
            return
        }
        try MediaInput.checkReadable(mask)
    }

    /// The properties of the stylizing element in `gst-launch-1.0` syntax; ``location`` is set separately.
    var properties: String {
        guard let mask else { return "mask=none" }
        let source = mask == Self.alpha ? MaskSource.alpha : .picture
        let settings: [any PropertySetting] = [
            TypedSetting(MaskProperties.source, source), TypedSetting(MaskProperties.invert, maskInvert), maskFeather,
        ]
        return settings.map(\.assignment).joined(separator: " ")
    }

    /// A property that is set separately, since it may need quotes.
    var location: (property: String, value: String)? {
        mask.flatMap { $0 == Self.alpha ? nil : (MaskProperties.location.name, $0) }
    }

    /// Adds what pixels depend on.
    func add(to settings: inout PixelSettings) throws {
        guard let mask else { return }
        if mask == Self.alpha { settings.add("mask", mask) } else { try settings.add("mask", file: mask) }
        settings.add("mask-invert", maskInvert)
        settings.add(maskFeather.name, maskFeather.text)
    }
}
