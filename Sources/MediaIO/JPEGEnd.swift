/// Whether a JPEG file has its end-of-image marker. Decoders accept truncated files and fill the rest with grey.
///
/// - Returns: also true if the file is no JPEG or is damaged otherwise, which decoders report.
func hasWholePicture(jpeg bytes: [UInt8]) -> Bool {
    guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return true }
    var place = 2
    while place + 1 < bytes.count {
        guard bytes[place] == 0xFF else { return true }
        let marker = bytes[place + 1]
        switch marker {
        // Fill byte before a marker.
        case 0xFF: place += 1
        case 0xD9: return true
        // Markers without a length.
        case 0x01, 0xD0...0xD8: place += 2
        default:
            guard place + 3 < bytes.count else { return false }
            place += 2 + Int(bytes[place + 2]) << 8 + Int(bytes[place + 3])
            // Entropy-coded data follow a scan header. In it, 0xFF occurs only before 0 and as part of restart markers.
            guard marker == 0xDA else { continue }
            while place + 1 < bytes.count {
                if bytes[place] == 0xFF, bytes[place + 1] != 0, !(0xD0...0xD7).contains(bytes[place + 1]) { break }
                place += 1
            }
        }
    }
    return false
}
