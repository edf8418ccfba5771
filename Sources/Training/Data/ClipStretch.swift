import Flow
import Imaging

/// A few frames of a shot in their order, with the flow between neighbours both ways.
struct ClipStretch {
    /// The flow from one frame to a neighbour of it, as small as it may be.
    struct Way {
        /// In parts of ``unit``, first all horizontal, then all vertical.
        let vectors: [Int16]
        /// 1 where the flow is certain.
        let certain: [UInt8]

        /// Pixels: finer than any estimate, and with 16 bits enough for 512 pixels.
        static let unit: Float = 1 / 64

        init(_ flow: FlowField, certainty: Plane<Float>) {
            var certain = certainty.values.map { UInt8($0 > 0.5 ? 1 : 0) }
            let count = flow.u.count
            vectors = (flow.u + flow.v).enumerated().map { index, value in
                guard let vector = Int16(exactly: (value / Way.unit).rounded()) else {
                    certain[index % count] = 0
                    return 0
                }
                return vector
            }
            self.certain = certain
        }
    }

    /// From frame k + 1 to frame k, and from k to k + 1.
    struct Link {
        let backward: Way
        let forward: Way
    }

    /// Of one size.
    let frames: [Photograph]
    /// One less than there are frames.
    let links: [Link]
    /// How much the frames differ: the mean square of the changes from each to the next, summed (paper 5.2.3).
    let difference: Double

    var width: Int { frames[0].width }
    var height: Int { frames[0].height }
}

/// The layout of a stretch in a file: a header; each frame's pixels, then the ways that link it to the frame before.
struct StretchLayout: Sendable, Equatable {
    let width: Int
    let height: Int
    let frameCount: Int

    private static let tag = Array("pentimento clip 1".utf8)
    static let headerLength = tag.count + 12

    private var pixels: Int { width * height }
    /// Two 16-bit numbers and a byte a pixel.
    private var wayLength: Int { 5 * pixels }
    private var recordLength: Int { 3 * pixels + 2 * wayLength }

    var length: Int { offset(ofFrame: frameCount - 1) + 3 * pixels + (frameCount > 1 ? 2 * wayLength : 0) }

    func offset(ofFrame index: Int) -> Int {
        StretchLayout.headerLength + (index == 0 ? 0 : 3 * pixels + (index - 1) * recordLength)
    }

    /// Of the way from frame `index` + 1 to frame `index`, or back.
    func offset(ofWay index: Int, forward: Bool) -> Int {
        offset(ofFrame: index + 1) + 3 * pixels + (forward ? wayLength : 0)
    }

    /// The offset of the certainty of a way that begins at `offset`.
    func certainty(ofWayAt offset: Int) -> Int { offset + 4 * pixels }

    var header: [UInt8] {
        StretchLayout.tag
            + [width, height, frameCount].flatMap { number in
                withUnsafeBytes(of: UInt32(number).littleEndian) { Array($0) }
            }
    }

    init(width: Int, height: Int, frameCount: Int) {
        (self.width, self.height, self.frameCount) = (width, height, frameCount)
    }

    /// What a file's first bytes say; nil where it is no whole file of this kind.
    init?(header: [UInt8], fileLength: Int) {
        guard header.count >= StretchLayout.headerLength,
            Array(header.prefix(StretchLayout.tag.count)) == StretchLayout.tag
        else { return nil }
        let numbers = (0..<3).map { index in
            header.withUnsafeBytes {
                Int(
                    UInt32(
                        littleEndian: $0.loadUnaligned(
                            fromByteOffset: StretchLayout.tag.count + 4 * index, as: UInt32.self)))
            }
        }
        guard (1...1 << 15).contains(numbers[0]), (1...1 << 15).contains(numbers[1]), (1...1 << 10).contains(numbers[2])
        else { return nil }
        self.init(width: numbers[0], height: numbers[1], frameCount: numbers[2])
        guard length == fileLength else { return nil }
    }
}

extension ClipStretch {
    var layout: StretchLayout { StretchLayout(width: width, height: height, frameCount: frames.count) }

    /// The bytes of its file.
    var encoded: [UInt8] {
        var bytes = layout.header
        bytes.reserveCapacity(layout.length)
        for (index, frame) in frames.enumerated() {
            bytes += frame.bytes
            guard index > 0 else { continue }
            for way in [links[index - 1].backward, links[index - 1].forward] {
                way.vectors.map(\.littleEndian).withUnsafeBytes { bytes += $0 }
                bytes += way.certain
            }
        }
        return bytes
    }
}
