import Flow
import Imaging

/// A few consecutive frames of a shot, with the flow between neighbours in both directions.
struct ClipSegment {
    /// The flow from one frame to a neighbour, in a compact form.
    struct QuantizedFlow {
        /// In units of ``unit``: first all horizontal components, then all vertical ones.
        let vectors: [Int16]
        /// 1 where the flow is certain, else 0.
        let certain: [UInt8]

        /// In pixels: finer than the estimation error, and 16 bits hold up to 512 pixels.
        static let unit: Float = 1 / 64

        init(_ flow: FlowField, certainty: Plane<Float>) {
            var certain = certainty.values.map { UInt8($0 > 0.5 ? 1 : 0) }
            let count = flow.u.count
            vectors = (flow.u + flow.v).enumerated().map { index, value in
                guard let vector = Int16(exactly: (value / QuantizedFlow.unit).rounded()) else {
                    certain[index % count] = 0
                    return 0
                }
                return vector
            }
            self.certain = certain
        }
    }

    /// Flow from frame k + 1 to frame k, and from k to k + 1.
    struct Link {
        let backward: QuantizedFlow
        let forward: QuantizedFlow
    }

    /// All of one size.
    let frames: [Photograph]
    /// One element less than `frames`.
    let links: [Link]
    /// Sum of the mean squared differences between consecutive frames (paper 5.2.3).
    let difference: Double

    var width: Int { frames[0].width }
    var height: Int { frames[0].height }
}

/// File layout of a segment: a header, then for each frame its pixels, and the flows between it and the previous frame.
struct ClipSegmentLayout: Sendable, Equatable {
    let width: Int
    let height: Int
    let frameCount: Int

    private static let tag = Array("pentimento clip 1".utf8)
    static let headerLength = tag.count + 12

    private var pixels: Int { width * height }
    /// Two 16-bit components and a certainty byte per pixel.
    private var flowLength: Int { 5 * pixels }
    private var recordLength: Int { 3 * pixels + 2 * flowLength }

    var length: Int { offset(ofFrame: frameCount - 1) + 3 * pixels + (frameCount > 1 ? 2 * flowLength : 0) }

    func offset(ofFrame index: Int) -> Int {
        ClipSegmentLayout.headerLength + (index == 0 ? 0 : 3 * pixels + (index - 1) * recordLength)
    }

    /// Offset of the flow from frame `index` + 1 to frame `index`, or of the forward one.
    func offset(ofFlow index: Int, forward: Bool) -> Int {
        offset(ofFrame: index + 1) + 3 * pixels + (forward ? flowLength : 0)
    }

    /// Offset of the certainty of the flow that starts at `offset`.
    func certainty(ofFlowAt offset: Int) -> Int { offset + 4 * pixels }

    var header: [UInt8] {
        ClipSegmentLayout.tag
            + [width, height, frameCount].flatMap { number in
                withUnsafeBytes(of: UInt32(number).littleEndian) { Array($0) }
            }
    }

    init(width: Int, height: Int, frameCount: Int) {
        (self.width, self.height, self.frameCount) = (width, height, frameCount)
    }

    /// Parses a file's header; nil if the file is not a complete segment.
    init?(header: [UInt8], fileLength: Int) {
        guard header.count >= ClipSegmentLayout.headerLength,
            Array(header.prefix(ClipSegmentLayout.tag.count)) == ClipSegmentLayout.tag
        else { return nil }
        let numbers = (0..<3).map { index in
            header.withUnsafeBytes {
                Int(
                    UInt32(
                        littleEndian: $0.loadUnaligned(
                            fromByteOffset: ClipSegmentLayout.tag.count + 4 * index, as: UInt32.self)))
            }
        }
        guard (1...1 << 15).contains(numbers[0]), (1...1 << 15).contains(numbers[1]), (1...1 << 10).contains(numbers[2])
        else { return nil }
        self.init(width: numbers[0], height: numbers[1], frameCount: numbers[2])
        guard length == fileLength else { return nil }
    }
}

extension ClipSegment {
    var layout: ClipSegmentLayout { ClipSegmentLayout(width: width, height: height, frameCount: frames.count) }

    /// The file's contents.
    var encoded: [UInt8] {
        var bytes = layout.header
        bytes.reserveCapacity(layout.length)
        for (index, frame) in frames.enumerated() {
            bytes += frame.bytes
            guard index > 0 else { continue }
            for flow in [links[index - 1].backward, links[index - 1].forward] {
                flow.vectors.map(\.littleEndian).withUnsafeBytes { bytes += $0 }
                bytes += flow.certain
            }
        }
        return bytes
    }
}
