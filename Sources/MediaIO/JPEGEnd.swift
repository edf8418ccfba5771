/// Whether a JPEG file has its end-of-image marker. Decoders accept truncated files and fill the rest with grey.
///
/// - Returns: also true if the file is no JPEG or is damaged otherwise, which decoders report.
func hasWholeImage(jpeg bytes: [UInt8]) -> Bool {
    guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return true }
    var offset = 2
    while offset + 1 < bytes.count {
        guard bytes[offset] == 0xFF else { return true }
        let marker = bytes[offset + 1]
        switch marker {
        // Fill byte before a marker.
        case 0xFF: offset += 1
        case 0xD9: return true
        // Markers without a length.
        case 0x01, 0xD0...0xD8: offset += 2
        default:
            guard offset + 3 < bytes.count else { return false }
            offset += 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
            // Entropy-coded data follow a scan header. In it, 0xFF occurs only before 0 and as part of restart markers.
            guard marker == 0xDA else { continue }
            while offset + 1 < bytes.count {
                if bytes[offset] == 0xFF, bytes[offset + 1] != 0, !(0xD0...0xD7).contains(bytes[offset + 1]) { break }
                offset += 1
            }
        }
    }
    return false
}
