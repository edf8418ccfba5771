import Evaluation
import Flow
import Imaging
import MediaIO

/// The motion from each frame of a sequence to the next, from files.
struct GivenMotion {
    private let flows: [String?]
    private let reverse: [String?]?
    private let masks: [String?]?

    /// - Parameters:
    ///   - flow: folder of the flow from each frame to the next.
    ///   - reverse: folder of the flow back, one file for each in `flow`, in the same order.
    ///   - occlusions: folder of masks, white where a frame's pixel is not visible in the next frame.
    ///   - frames: paths of the stylized pictures; nil for a video.
    /// - Throws: `MediaError` if there are too few files.
    init(flow: String, reverse: String?, occlusions: String?, frames: [String]?) throws {
        func assigned(_ folder: String, _ endings: [String]) throws -> [String?] {
            let found = try files(in: folder, endings: endings)
            guard let frames, found.count < frames.count - 1 else { return found }
            // Some are missing: only names tell which.
            let byStem = Dictionary(found.map { (stem(of: $0), $0) }) { first, _ in first }
            let named = frames.dropLast().map { byStem[stem(of: $0)] }
            guard named.contains(where: { $0 != nil }) else {
                throw MediaError(
                    "\(folder): has \(found.count) files for \(frames.count) frames; one for each but the last is needed, or "
                        + "files with the frames' names")
            }
            return named
        }
        flows = try assigned(flow, [".flo"])
        self.reverse = try reverse.map { try assigned($0, [".flo"]) }
        masks = try occlusions.map { try assigned($0, [".png", ".pgm"]) }
    }

    /// The motion from frame `index` to the next; missing if a file is.
    ///
    /// - Throws: if a file cannot be read, or flow, reverse flow and mask differ in size.
    func motion(from index: Int) throws -> KnownMotion {
        guard let path = file(index, of: flows) else { return .missing }
        let flow = try FlowField(contentsOf: path)
        var planes: [Plane<UInt8>] = []
        if let masks {
            guard let path = file(index, of: masks) else { return .missing }
            let plane = try mask(path)
            guard plane.width == flow.width, plane.height == flow.height else {
                throw MediaError(
                    "\(path): is \(plane.width) x \(plane.height), the flow \(flow.width) x \(flow.height); they must agree"
                )
            }
            planes = [plane]
        }
        let masked = PairMotion(try Motion(flow: flow, masks: planes))
        guard let reverse else { return .known(masked) }
        guard let path = file(index, of: reverse) else { return .missing }
        let back = try FlowField(contentsOf: path)
        guard back.width == flow.width, back.height == flow.height else {
            throw MediaError(
                "\(path): is \(back.width) x \(back.height), the flow \(flow.width) x \(flow.height); they must agree")
        }
        var checked = PairMotion(flow: flow, reverse: back)
        for i in planes.isEmpty ? 0..<0 : checked.visible.values.indices where masked.visible.values[i] == 0 {
            checked.visible.values[i] = 0
            checked.consistent.values[i] = 0
        }
        return .known(checked)
    }

    private func file(_ index: Int, of files: [String?]) -> String? {
        files.indices.contains(index) ? files[index] : nil
    }
}
