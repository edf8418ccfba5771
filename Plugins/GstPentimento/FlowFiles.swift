import Flow
import GStreamerKit

/// Precomputed optical flow, read from Middlebury .flo files.
struct FlowFiles {
    private let backward: FlowFilePattern
    private let forward: FlowFilePattern

    /// Nil if both patterns are empty.
    /// - Throws: ``ElementError`` if a pattern is malformed or only one is given.
    init?(backward: String, forward: String) throws {
        if backward.isEmpty && forward.isEmpty { return nil }
        guard !backward.isEmpty, !forward.isEmpty else {
            throw ElementError(
                .settings,
                "\(backward.isEmpty ? "flow-pattern" : "reverse-flow-pattern") is empty, the other pattern is not.",
                remedy:
                    "Set both, such as flow-pattern=backward_[%d]_{%d}.flo reverse-flow-pattern=forward_[%d]_{%d}.flo.")
        }
        do {
            self.backward = try FlowFilePattern(backward)
            self.forward = try FlowFilePattern(forward)
        } catch {
            throw ElementError(.settings, "\(error).", remedy: "")
        }
    }

    /// The flow between two frames, numbered from 1.
    ///
    /// - Throws: ``ElementError`` if a file is missing or damaged, or its aspect ratio is not that of the frames.
    func read(frame: Int, reference: Int, width: Int, height: Int) throws -> FlowPair {
        let pair = FlowPair(
            backward: try read(backward.path(from: frame, to: reference), width, height),
            forward: try read(forward.path(from: reference, to: frame), width, height))
        guard pair.backward.width == pair.forward.width, pair.backward.height == pair.forward.height else {
            throw ElementError(
                .decode,
                "The flows between frames \(frame) and \(reference) have different sizes, "
                    + "\(pair.backward.width)x\(pair.backward.height) and \(pair.forward.width)x\(pair.forward.height).",
                remedy: "Compute both directions at the same resolution.")
        }
        return pair
    }

    private func read(_ path: String, _ width: Int, _ height: Int) throws -> FlowField {
        let flow: FlowField
        do {
            flow = try FlowField(contentsOf: path)
        } catch {
            throw ElementError(
                .read, "\(error)".hasSuffix(".") ? "\(error)" : "\(error).",
                remedy:
                    "Flow files are counted from 1 at the stream's first frame; `pentimento flow A B -o OUT.flo` makes one."
            )
        }
        // The resolution may differ from the frames', the aspect ratio may not.
        let expected = Double(flow.width) * Double(height) / Double(width)
        guard abs(expected - Double(flow.height)) <= max(1, Double(height) / Double(width)) else {
            throw ElementError(
                .decode, "\(path) is \(flow.width)x\(flow.height), the frames are \(width)x\(height).",
                remedy: "Use flow that was computed on these frames.")
        }
        return flow
    }
}
