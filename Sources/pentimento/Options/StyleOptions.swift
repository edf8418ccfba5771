import ArgumentParser
import GStreamerKit
import GstPentimento
import MediaIO
import Style

/// Options for the model and its result.
struct StyleOptions: ParsableArguments {
    @Option(Stylize.model, name: "style") var style
    @Option(OpticalFlow.preset, name: "flow") var flow
    @Option(Stylize.strength) var strength
    @Option(Stylize.coherence) var coherence
    @Flag(Stylize.preserveColor) var preserveColor
    @Option(Stylize.threads) var threads

    /// The stylizing element, named `stylizer`, in `gst-launch-1.0` syntax. Its property `model` is set separately.
    func element(perFrame: Bool) -> String {
        "\(perFrame ? "stylize" : "coherentstylize \(flow.assignment)") \(properties)"
    }

    /// The properties that all stylizing elements share.
    var properties: String {
        let shared: [any PropertySetting] = [
            strength, coherence, TypedSetting(Stylize.preserveColor, preserveColor), threads,
        ]
        return "name=stylizer \(shared.map(\.assignment).joined(separator: " "))"
    }

    /// Factory names of the elements whose times are measured.
    static let measured = ["opticalflow", "occlusioncheck", "flowwarp", "stylize"]

    /// The path of the model file. Throws if there is no such model.
    func modelPath() throws -> String { try ModelLibrary.standard.resolved(style.value) }
}
