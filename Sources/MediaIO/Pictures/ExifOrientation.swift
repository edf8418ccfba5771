/// The orientation in Exif's metadata, which have the structure of a TIFF file.
///
/// - Parameter bytes: from the byte order mark on.
/// - Returns: 1...8; 1 also if there is none, or the metadata are damaged.
func exifOrientation(_ bytes: ArraySlice<UInt8>) -> Int {
    let isLittle = bytes.starts(with: [0x49, 0x49])
    guard isLittle || bytes.starts(with: [0x4D, 0x4D]) else { return 1 }
    func number(at offset: Int, count: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - count else { return nil }
        let field = bytes[(bytes.startIndex + offset)..<(bytes.startIndex + offset + count)]
        return isLittle ? field.reversed().reduce(0) { $0 << 8 | Int($1) } : field.reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(at: 4, count: 4), let count = number(at: directory, count: 2) else { return 1 }
    for entry in 0..<count {
        let offset = directory + 2 + entry * 12
        guard let tag = number(at: offset, count: 2) else { return 1 }
        // The tag's value is a 16-bit number in the first bytes of its field.
        if tag == 0x112, let value = number(at: offset + 8, count: 2), (1...8).contains(value) { return value }
    }
    return 1
}

/// The orientation in Exif's metadata as JPEG and some WebP files have them, after a name.
func exifOrientation(named bytes: ArraySlice<UInt8>) -> Int {
    exifOrientation(bytes.starts(with: Array("Exif\0\0".utf8)) ? bytes.dropFirst(6) : bytes)
}
