import ArgumentParser
import GStreamerKit
import GstPentimento
import MediaIO
import Style

/// Options for the model and its result.
struct StyleOptions: ParsableArguments {
    @Option(Stylize.model, name: "style") var style
    @Option(Stylize.styleMix) var styleMix
    @Option(OpticalFlow.preset, name: "flow", default: .medium) var flow
    @Option(Stylize.brush) var brush
    @Option(Stylize.every) var every
    @Option(Stylize.strength) var strength
    @Option(Stylize.coherence) var coherence
    @Flag(Stylize.preserveColor) var preserveColor
    @Option(Stylize.threads) var threads

    /// The stylizing element, named `stylizer`, in `gst-launch-1.0` syntax. ``names()`` are set separately.
    func element(perFrame: Bool) -> String {
        "\(perFrame ? "stylize" : "coherentstylize \(flow.assignment) \(every.assignment)") \(properties)"
    }

    /// The properties that all stylizing elements share.
    var properties: String {
        let shared: [any PropertySetting] = [
            brush, strength, coherence, TypedSetting(Stylize.preserveColor, preserveColor), threads,
        ]
        return "name=stylizer \(shared.map(\.assignment).joined(separator: " "))"
    }

    /// Factory names of the elements whose times are measured.
    static let measured = ["opticalflow", "occlusioncheck", "flowwarp", "stylize"]

    /// The properties of `stylizer` that are set separately, since they may need quotes.
    ///
    /// - Throws: `ModelLookupError` if there is no such model.
    func names() throws -> [(property: String, value: String)] {
        [
            (Stylize.model.name, try ModelLibrary.standard.resolved(style.value)),
            (Stylize.styleMix.name, styleMix.value),
        ]
    }
}
