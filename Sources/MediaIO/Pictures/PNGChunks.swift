import CPictures

/// Where the parts of a PNG file are.
struct PNGChunks {
    /// A frame of an animated file.
    struct Frame {
        var width: Int
        var height: Int
        /// Where it is drawn.
        var x: Int
        var y: Int
        /// In nanoseconds.
        var duration: Int64
        var disposal: AnimationCanvas.Disposal
        var isBlended: Bool
        /// The parts of its compressed samples.
        var parts: [Range<Int>] = []
    }

    let width: Int
    let height: Int
    /// Whether the end is there.
    let isWhole: Bool
    /// Of an animated file. Its still picture is among them only if it is to be shown.
    private(set) var frames: [Frame] = []
    /// Types and contents.
    private var chunks: [(type: String, body: Range<Int>)] = []

    /// - Returns: nil if the file does not begin with a header, or has no samples.
    init?(_ bytes: [UInt8]) {
        for chunk in PNGMetadata.chunks(of: bytes) {
            let type = String(decoding: bytes[chunk.lowerBound + 4..<chunk.lowerBound + 8], as: UTF8.self)
            chunks.append((type, chunk.lowerBound + 8..<chunk.upperBound - 4))
            if type == "IEND" { break }
        }
        guard let header = chunks.first, header.type == "IHDR", header.body.count == 13,
            let width = bytes.bigEndian(at: header.body.lowerBound, count: 4), (1...1 << 24).contains(width),
            let height = bytes.bigEndian(at: header.body.lowerBound + 4, count: 4), (1...1 << 24).contains(height)
        else { return nil }
        (self.width, self.height) = (Int(width), Int(height))
        isWhole = chunks.last?.type == "IEND"
        if isWhole && first("IDAT") == nil { return nil }
        if first("acTL") != nil { findFrames(in: bytes) }
    }

    /// The content of the first chunk of a type.
    func first(_ type: String) -> Range<Int>? { chunks.first { $0.type == type }?.body }

    private mutating func findFrames(in bytes: [UInt8]) {
        for (type, body) in chunks {
            switch type {
            case "fcTL": if let frame = Self.frame(bytes, body) { frames.append(frame) }
            case "IDAT" where !frames.isEmpty: frames[frames.count - 1].parts.append(body)
            // After a sequence number.
            case "fdAT" where !frames.isEmpty && body.count > 4:
                frames[frames.count - 1].parts.append(body.dropFirst(4))
            default: break
            }
        }
        frames.removeAll { $0.parts.isEmpty }
    }

    /// The fields of a frame's header.
    private static func frame(_ bytes: [UInt8], _ body: Range<Int>) -> Frame? {
        guard body.count == 26 else { return nil }
        func number(_ offset: Int, _ count: Int = 4) -> Int {
            Int(bytes.bigEndian(at: body.lowerBound + offset, count: count) ?? 0)
        }
        return Frame(
            width: number(4), height: number(8), x: number(12), y: number(16),
            duration: FrameDuration.nanoseconds(number(20, 2), of: number(22, 2)),
            disposal: AnimationCanvas.Disposal(rawValue: number(24, 1)) ?? .keep, isBlended: number(25, 1) == 1)
    }

    /// A PNG file of the still picture, with the chunks that hold samples only.
    func pictureBytes(of bytes: [UInt8]) -> [UInt8] {
        chunks.reduce(into: PNGMetadata.signature) { file, chunk in
            guard ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"].contains(chunk.type) else { return }
            file += bytes[chunk.body.lowerBound - 8..<chunk.body.upperBound + 4]
        }
    }

    /// A PNG file of a frame.
    func pictureBytes(of bytes: [UInt8], frame: Frame) -> [UInt8] {
        guard let header = chunks.first?.body else { return [] }
        var file = PNGMetadata.signature
        let size =
            [UInt8](bigEndian: UInt64(frame.width), count: 4) + [UInt8](bigEndian: UInt64(frame.height), count: 4)
        Self.append("IHDR", size + bytes[header.dropFirst(8)], to: &file)
        for type in ["PLTE", "tRNS"] { if let body = first(type) { Self.append(type, bytes[body], to: &file) } }
        for part in frame.parts { Self.append("IDAT", bytes[part], to: &file) }
        Self.append("IEND", [], to: &file)
        return file
    }

    private static func append(_ type: String, _ body: ArraySlice<UInt8>, to file: inout [UInt8]) {
        let content = Array(type.utf8) + body
        file += [UInt8](bigEndian: UInt64(body.count), count: 4) + content
        file += [UInt8](bigEndian: UInt64(crc32(0, content, uInt(content.count))), count: 4)
    }
}
