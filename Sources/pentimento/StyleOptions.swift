import ArgumentParser
import Flow
import MediaIO
import Style

extension FlowPreset: ExpressibleByArgument {}

/// What decides how frames are painted.
struct StyleOptions: ParsableArguments {
    @Option(help: "Name of a model, or a path to one.")
    var style = "scream"

    @Option(help: "How carefully motion is estimated: \(FlowPreset.allCases.map(\.rawValue).joined(separator: ", ")).")
    var flow = FlowPreset.fast

    @Option(help: "How much of the style shows, 0 to 1.")
    var strength = 1.0

    @Option(help: "Steadier (above 0) or livelier (below), -4 to 4.")
    var coherence = 0.0

    @Flag(help: "Keep the colours of the frames.")
    var preserveColor = false

    @Option(help: "Threads to use; 0: one a processor.")
    var threads = 0

    func validate() throws {
        guard (0...1).contains(strength) else { throw ValidationError("--strength is 0 to 1, not \(strength)") }
        guard (-4...4).contains(coherence) else { throw ValidationError("--coherence is -4 to 4, not \(coherence)") }
        guard (0...1024).contains(threads) else { throw ValidationError("--threads is 0 to 1024, not \(threads)") }
    }

    /// The element that stylizes, called `stylizer`, in the syntax of `gst-launch-1.0`; its `model` still has to be set.
    func element(perFrame: Bool) -> String {
        "\(perFrame ? "stylize" : "coherentstylize preset=\(flow.rawValue)") \(properties)"
    }

    /// What all elements that stylize have in common.
    var properties: String {
        "name=stylizer strength=\(strength) coherence=\(coherence) preserve-color=\(preserveColor) threads=\(threads)"
    }

    /// The elements to measure.
    static let measured = ["opticalflow", "occlusioncheck", "flowwarp", "stylize"]

    /// The model's file, found before any work begins.
    func modelPath() throws -> String { try ModelLibrary.standard.path(of: style) }
}
