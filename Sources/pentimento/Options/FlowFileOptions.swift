import ArgumentParser
import Flow
import GStreamerKit
import GstPentimento
import MediaIO
import Support

/// Options for flow that is read from files instead of being estimated: properties of `opticalflow`.
struct FlowFileOptions: ParsableArguments {
    @Option(optional: OpticalFlow.flowPattern) var flowPattern
    @Option(optional: OpticalFlow.reverseFlowPattern) var reverseFlowPattern

    /// Whether flow is read from files.
    var areGiven: Bool { flowPattern != nil }

    func validate() throws {
        guard (flowPattern == nil) == (reverseFlowPattern == nil) else {
            throw ValidationError("--flow-pattern and --reverse-flow-pattern belong together: flow goes both ways")
        }
        for pattern in [flowPattern, reverseFlowPattern] {
            guard let pattern else { continue }
            do { _ = try FlowFilePattern(pattern.value) } catch { throw ValidationError("\(error)") }
        }
    }

    /// Checks that all files exist, before time is spent on earlier frames.
    ///
    /// - Parameters:
    ///   - input: a part of it that begins later has other files, which are not checked.
    ///   - distances: to the earlier frames that flow leads to.
    /// - Throws: `MediaError` that names the first missing file.
    func check(for input: MediaInput, _ conversion: ConversionOptions, distances: [Int] = [1]) throws {
        guard conversion.start == nil, let count = conversion.expectedFrames(of: input) else { return }
        // A video's duration may be one frame too long.
        let frames = input.kind == .video ? count - 1 : count
        guard frames > 1, let backward = try flowPattern.map({ try FlowFilePattern($0.value) }),
            let forward = try reverseFlowPattern.map({ try FlowFilePattern($0.value) })
        else { return }
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
