/// How long the frames of a GIF file are shown, in nanoseconds; one number for each frame.
///
/// - Returns: nil if the file is cut short. The loader accepts some truncated files.
func gifDurations(_ bytes: [UInt8]) -> [Int64]? {
    var durations: [Int64] = []
    var hundredths = 0
    func tableSize(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }
    guard bytes.count > 13 else { return nil }
    var offset = 13 + tableSize(bytes[10])
    /// Moves behind a chain of blocks, each after its length.
    func skipBlocks() {
        while offset < bytes.count, bytes[offset] != 0 { offset += Int(bytes[offset]) + 1 }
        offset += 1
    }
    while offset + 9 < bytes.count {
        switch bytes[offset] {
        // An extension; number F9 comes before a picture and holds its duration.
        case 0x21:
            if bytes[offset + 1] == 0xF9 { hundredths = Int(bytes[offset + 4]) | Int(bytes[offset + 5]) << 8 }
            offset += 2
            skipBlocks()
        case 0x2C:
            // Browsers, and ffmpeg, take up to a hundredth for a mistake.
            durations.append(FrameDuration.nanoseconds(hundredths <= 1 ? 0 : hundredths, of: 100))
            hundredths = 0
            offset += 10 + tableSize(bytes[offset + 9]) + 1
            skipBlocks()
        default: return durations
        }
    }
    return offset > bytes.count || durations.isEmpty ? nil : durations
}

/// Whether a BMP file has all its rows. The loader accepts truncated files.
///
/// - Returns: also true for compressed files, and for damaged headers, which the loader reports.
func hasWholeImage(bmp bytes: [UInt8]) -> Bool {
    func number(_ offset: Int) -> Int? {
        guard bytes.count >= offset + 4 else { return nil }
        return Int(Int32(bitPattern: bytes[offset..<offset + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
    }
    guard let start = number(10), let header = number(14), header >= 40, let width = number(18),
        let height = number(22), let depth = number(28).map({ $0 & 0xFFFF }), let compression = number(30),
        compression == 0 || compression == 3
    else { return true }
    let row = (width.magnitude * depth.magnitude + 31) / 32 * 4
    let (size, overflow) = row.multipliedReportingOverflow(by: height.magnitude)
    return !overflow && size <= UInt(max(0, bytes.count - max(0, start)))
}
