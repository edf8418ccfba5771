/// Whether the bytes of a JPEG file go on to the end of its picture. Decoders take one that is cut short for whole, and paint the rest grey.
///
/// - Returns: true, too, for what is no JPEG or is broken otherwise: decoders say that themselves.
func hasWholePicture(jpeg bytes: [UInt8]) -> Bool {
    guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return true }
    var place = 2
    while place + 1 < bytes.count {
        guard bytes[place] == 0xFF else { return true }
        let marker = bytes[place + 1]
        switch marker {
        // Filling before a marker.
        case 0xFF: place += 1
        case 0xD9: return true
        // Without a length.
        case 0x01, 0xD0...0xD8: place += 2
        default:
            guard place + 3 < bytes.count else { return false }
            place += 2 + Int(bytes[place + 2]) << 8 + Int(bytes[place + 3])
            // After the header of a scan come its data, in which a marker's first byte stands only before 0 and restarts.
            guard marker == 0xDA else { continue }
            while place + 1 < bytes.count {
                if bytes[place] == 0xFF, bytes[place + 1] != 0, !(0xD0...0xD7).contains(bytes[place + 1]) { break }
                place += 1
            }
        }
    }
    return false
}
