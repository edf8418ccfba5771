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

/// The number of pages of a TIFF file, without smaller copies of pages; at least 1.
func tiffPageCount(_ bytes: [UInt8]) -> Int {
    let isBig = bytes.first == UInt8(ascii: "M")
    func number(_ offset: Int, _ count: Int) -> Int? {
        guard offset >= 0, offset + count <= bytes.count else { return nil }
        let part = bytes[offset..<offset + count]
        return (isBig ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }
    // Files of more than 4 GB have offsets of another width.
    guard number(2, 2) == 42, var directory = number(4, 4) else { return 1 }
    var (count, seen) = (0, Set<Int>())
    while directory > 0, seen.insert(directory).inserted, let entries = number(directory, 2) {
        // Tag 254 says by its lowest bit that the page is a smaller copy.
        let isCopy = (0..<entries).contains { index in
            let entry = directory + 2 + 12 * index
            return number(entry, 2) == 254 && (number(entry + 8, 4) ?? 0) & 1 == 1
        }
        if !isCopy { count += 1 }
        guard let next = number(directory + 2 + 12 * entries, 4) else { break }
        directory = next
    }
    return max(count, 1)
}

/// The number of binary PBM, PGM or PPM pictures that follow each other in a file; at least 1.
func pnmPictureCount(_ bytes: [UInt8]) -> Int {
    var (offset, count) = (0, 0)
    /// The number at the offset, behind blanks and comments; nil if there is none.
    func number() -> Int? {
        while offset < bytes.count, [9, 10, 13, 32, 35].contains(bytes[offset]) {
            if bytes[offset] == 35 {
                while offset < bytes.count, bytes[offset] != 10 { offset += 1 }
            } else {
                offset += 1
            }
        }
        var value: Int?
        while offset < bytes.count, value ?? 0 < 1 << 24, case let digit = bytes[offset], (48...57).contains(digit) {
            value = (value ?? 0) * 10 + Int(digit) - 48
            offset += 1
        }
        return value
    }
    while offset + 2 < bytes.count, bytes[offset] == UInt8(ascii: "P"), (0x34...0x36).contains(bytes[offset + 1]) {
        let kind = bytes[offset + 1]
        offset += 2
        guard let width = number(), let height = number(), let top = kind == 0x34 ? 1 : number() else { break }
        let row = kind == 0x34 ? (width + 7) / 8 : width * (kind == 0x36 ? 3 : 1) * (top > 255 ? 2 : 1)
        count += 1
        // After one blank.
        offset += 1 + row * height
    }
    return max(count, 1)
}
