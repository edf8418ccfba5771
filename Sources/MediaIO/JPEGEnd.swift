import Support

/// Whether a JPEG file has its end-of-image marker. Decoders accept truncated files and fill the rest with grey.
///
/// - Returns: also true if the file is no JPEG or is damaged otherwise, which decoders report.
func hasWholeImage(jpeg bytes: [UInt8]) -> Bool {
    switch jpegEnd(bytes) {
    case .missing: false
    case .found, .unknown: true
    }
}

/// Whether a file is of JPEG pictures one behind the other, as cameras send them.
package func isMotionJPEG(_ path: String) -> Bool {
    let start: [UInt8] = [0xFF, 0xD8, 0xFF]
    guard (try? Files.start(of: path, count: start.count))?.bytes == start,
        let bytes = try? Files.start(of: path, count: 1 << 23).bytes, case .found(let end) = jpegEnd(bytes),
        bytes[end...].starts(with: start)
    else { return false }
    // A photograph with further views of it has a list of them.
    return !bytes[..<end].indices.dropLast(6).contains { index in
        bytes[index] == 0xFF && bytes[index + 1] == 0xE2 && bytes[index + 4..<index + 7].elementsEqual("MPF".utf8)
    }
}

private enum JPEGEnd {
    /// Behind the picture.
    case found(Int)
    case missing
    /// It is no JPEG, or is damaged.
    case unknown
}

private func jpegEnd(_ bytes: [UInt8]) -> JPEGEnd {
    guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return .unknown }
    var offset = 2
    while offset + 1 < bytes.count {
        guard bytes[offset] == 0xFF else { return .unknown }
        let marker = bytes[offset + 1]
        switch marker {
        // Fill byte before a marker.
        case 0xFF: offset += 1
        case 0xD9: return .found(offset + 2)
        // Markers without a length.
        case 0x01, 0xD0...0xD8: offset += 2
        default:
            guard offset + 3 < bytes.count else { return .missing }
            offset += 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
            // Entropy-coded data follow a scan header. In it, 0xFF occurs only before 0 and as part of restart markers.
            guard marker == 0xDA else { continue }
            while offset + 1 < bytes.count {
                if bytes[offset] == 0xFF, bytes[offset + 1] != 0, !(0xD0...0xD7).contains(bytes[offset + 1]) { break }
                offset += 1
            }
        }
    }
    return .missing
}
