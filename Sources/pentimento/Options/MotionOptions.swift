import ArgumentParser
import Flow
import GStreamerKit
import GstPentimento
import MediaIO
import Support

/// Options for the temporal coherence of `optimize`: properties of `opticalflow`.
struct MotionOptions: ParsableArguments {
    @Option(optional: OpticalFlow.references, name: "long-term") var longTerm
    @Option(OpticalFlow.preset, name: "flow", default: .quality) var flow
    @Option(optional: OpticalFlow.flowPattern) var flowPattern
    @Option(optional: OpticalFlow.reverseFlowPattern) var reverseFlowPattern

    func validate() throws {
        do { _ = try references } catch { throw ValidationError("--long-term: \(error)") }
        guard (flowPattern == nil) == (reverseFlowPattern == nil) else {
            throw ValidationError("--flow-pattern and --reverse-flow-pattern belong together: flow goes both ways")
        }
        for pattern in [flowPattern, reverseFlowPattern] {
            guard let pattern else { continue }
            do { _ = try FlowFilePattern(pattern.value) } catch { throw ValidationError("\(error)") }
        }
    }

    private var references: FlowReferences {
        get throws { try FlowReferences(longTerm?.value ?? OpticalFlow.references.defaultValue) }
    }

    /// Whether cuts are found by the flow to the frame before.
    var hasComputedCuts: Bool { flowPattern == nil && (try? references.distances.first) == 1 }

    /// The elements that compute the motion. The properties of the element `flow` are set separately.
    ///
    /// The queue lets the next frame's flow be computed or read while a frame is optimised.
    static let elements =
        "opticalflow name=flow scale=1 ! occlusioncheck min-filter=1 "
        + "! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0"

    /// Checks that all flow files exist, before hours are spent on earlier frames.
    ///
    /// - Parameter frames: minimum number of frames.
    /// - Throws: `MediaError` that names the first missing file.
    func checkFlowFiles(frames: Int) throws {
        guard frames > 1, let backward = try flowPattern.map({ try FlowFilePattern($0.value) }),
            let forward = try reverseFlowPattern.map({ try FlowFilePattern($0.value) })
        else { return }
        let distances = try references.distances
        for frame in 2...frames {
            for earlier in distances.map({ frame - $0 }) where earlier >= 1 {
                for path in [backward.path(from: frame, to: earlier), forward.path(from: earlier, to: frame)]
                where !Files.exists(path) {
                    throw MediaError(
                        "\(path): no such file; the flow between frames \(frame) and \(earlier) belongs there, counted from 1"
                    )
                }
            }
        }
    }
}
