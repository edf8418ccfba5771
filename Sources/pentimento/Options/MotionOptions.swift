import ArgumentParser
import Flow
import GStreamerKit
import GstPentimento

/// Options for the temporal coherence of `optimize`: properties of `opticalflow`.
struct MotionOptions: ParsableArguments {
    @Option(optional: OpticalFlow.references, name: "long-term") var longTerm
    @Option(OpticalFlow.preset, name: "flow", default: .quality) var flow
    @OptionGroup var files: FlowFileOptions

    func validate() throws {
        do { _ = try FlowReferences(referenceList) } catch { throw ValidationError("--long-term: \(error)") }
    }

    private var referenceList: String { longTerm?.value ?? OpticalFlow.references.defaultValue }

    /// Distances to the earlier frames that flow leads to.
    var distances: [Int] {
        get throws { try FlowReferences(referenceList).distances }
    }

    /// The properties of the element `flow`.
    var settings: [any PropertySetting] { propertySettings + files.propertySettings }

    /// Whether cuts are found by the flow to the frame before.
    var hasComputedCuts: Bool { !files.areGiven && (try? distances.first) == 1 }

    /// The elements that compute the motion. The properties of the element `flow` are set separately.
    ///
    /// The queue lets the next frame's flow be computed or read while a frame is optimised.
    static let elements =
        "opticalflow name=flow scale=1 ! occlusioncheck min-filter=1 "
        + "! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0"
}
