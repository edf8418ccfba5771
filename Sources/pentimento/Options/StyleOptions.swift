import ArgumentParser
import Flow
import MediaIO
import Style

extension FlowPreset: ExpressibleByArgument {}

/// Options for the model and its result.
struct StyleOptions: ParsableArguments {
    @Option(help: "Name or path of a model.")
    var style = "scream"

    @Option(help: "Accuracy of the optical flow: \(FlowPreset.allCases.map(\.rawValue).joined(separator: ", ")).")
    var flow = FlowPreset.fast

    @Option(help: "Blend between input (0) and stylized frame (1).")
    var strength = 1.0

    @Option(help: "Bias of a gated model: above 0 steadier, below 0 livelier, -4 to 4.")
    var coherence = 0.0

    @Flag(help: "Keep the input's colours; only the brightness is stylized.")
    var preserveColor = false

    @Option(help: "Number of threads; 0: one per processor.")
    var threads = 0

    func validate() throws {
        guard (0...1).contains(strength) else { throw ValidationError("--strength is 0 to 1, not \(strength)") }
        guard (-4...4).contains(coherence) else { throw ValidationError("--coherence is -4 to 4, not \(coherence)") }
        guard (0...1024).contains(threads) else { throw ValidationError("--threads is 0 to 1024, not \(threads)") }
    }

    /// The stylizing element, named `stylizer`, in `gst-launch-1.0` syntax. Its property `model` is set separately.
    func element(perFrame: Bool) -> String {
        "\(perFrame ? "stylize" : "coherentstylize preset=\(flow.rawValue)") \(properties)"
    }

    /// The properties that all stylizing elements share.
    var properties: String {
        "name=stylizer strength=\(strength) coherence=\(coherence) preserve-color=\(preserveColor) threads=\(threads)"
    }

    /// Factory names of the elements whose times are measured.
    static let measured = ["opticalflow", "occlusioncheck", "flowwarp", "stylize"]

    /// The path of the model file. Throws if there is no such model.
    func modelPath() throws -> String { try ModelLibrary.standard.resolved(style) }
}
