/// XMP in JPEG files: an APP1 segment with Adobe's namespace.
enum JPEGMetadata {
    private static let name = Array("http://ns.adobe.com/xap/1.0/\0".utf8)

    /// The first packet; nil if there is none.
    static func xmp(in bytes: [UInt8]) -> [UInt8]? {
        segments(of: bytes).first { isXMP(bytes[$0]) }.map {
            Array(bytes[($0.lowerBound + 4 + name.count)..<$0.upperBound])
        }
    }

    /// The file with this packet in place of existing ones, after the JFIF and Exif segments, which must come first.
    static func inserting(xmp: [UInt8], into bytes: [UInt8]) -> [UInt8] {
        let segments = segments(of: bytes)
        var offset = 2
        var result = Array(bytes.prefix(2))
        let segment = [0xFF, 0xE1] + [UInt8](bigEndian: UInt64(2 + name.count + xmp.count), count: 2) + name + xmp
        for range in segments where range.lowerBound == offset && isFirst(bytes[range]) {
            result += bytes[range]
            offset = range.upperBound
        }
        result += segment
        for range in segments where range.lowerBound >= offset && isXMP(bytes[range]) {
            result += bytes[offset..<range.lowerBound]
            offset = range.upperBound
        }
        return result + bytes[offset...]
    }

    private static func isXMP(_ segment: ArraySlice<UInt8>) -> Bool {
        segment.dropFirst().first == 0xE1 && segment.dropFirst(4).starts(with: name)
    }

    private static func isFirst(_ segment: ArraySlice<UInt8>) -> Bool {
        let marker = segment.dropFirst().first
        return marker == 0xE0 || marker == 0xE1 && segment.dropFirst(4).starts(with: Array("Exif\0".utf8))
    }

    /// The segments before the image data, including their markers.
    static func segments(of bytes: [UInt8]) -> [Range<Int>] {
        var segments: [Range<Int>] = []
        var offset = 2
        while let head = bytes.bigEndian(at: offset, count: 4), head >> 24 == 0xFF {
            let marker = UInt8(truncatingIfNeeded: head >> 16)
            let end = offset + 2 + Int(head & 0xFFFF)
            guard marker != 0xDA, marker != 0xD9, head & 0xFFFF >= 2, end <= bytes.count else { break }
            segments.append(offset..<end)
            offset = end
        }
        return segments
    }
}

/// XMP in PNG files: an iTXt chunk with Adobe's keyword.
enum PNGMetadata {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Chunk type and keyword, with flags for no compression and empty language and translation.
    private static let name = Array("iTXtXML:com.adobe.xmp\0\0\0\0\0".utf8)

    /// The first uncompressed packet; nil if there is none.
    static func xmp(in bytes: [UInt8]) -> [UInt8]? {
        chunks(of: bytes).first { isXMP(bytes[$0]) }.map {
            Array(bytes[($0.lowerBound + 4 + name.count)..<($0.upperBound - 4)])
        }
    }

    /// The file with this packet in place of existing ones, after the header chunk.
    static func inserting(xmp: [UInt8], into bytes: [UInt8]) -> [UInt8] {
        let chunks = chunks(of: bytes)
        guard let header = chunks.first else { return bytes }
        let content = name + xmp
        var result =
            bytes[..<header.upperBound] + [UInt8](bigEndian: UInt64(content.count - 4), count: 4) + content
            + [UInt8](bigEndian: UInt64(checksum(content)), count: 4)
        var offset = header.upperBound
        for range in chunks where isXMP(bytes[range]) {
            result += bytes[offset..<range.lowerBound]
            offset = range.upperBound
        }
        return result + bytes[offset...]
    }

    private static func isXMP(_ chunk: ArraySlice<UInt8>) -> Bool {
        chunk.dropFirst(4).starts(with: name) && chunk.count >= name.count + 8
    }

    /// The chunks, including length and checksum.
    static func chunks(of bytes: [UInt8]) -> [Range<Int>] {
        var chunks: [Range<Int>] = []
        var offset = signature.count
        while let length = bytes.bigEndian(at: offset, count: 4), length <= UInt64(bytes.count) {
            let end = offset + 12 + Int(length)
            guard end <= bytes.count else { break }
            chunks.append(offset..<end)
            offset = end
        }
        return chunks
    }

    /// CRC-32 as PNG defines it.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }
}
