import Support

/// Reads and writes binary PGM (P5) and PPM (P6) images with 8 bits per sample.
enum PNM {
    /// The samples as stored in the file: one (P5) or three (P6) interleaved channels.
    struct Content {
        var width: Int
        var height: Int
        var channels: Int
        var maximum: Int
        var bytes: ArraySlice<UInt8>
    }

    static func read(_ path: String) throws -> Content {
        let file = try Files.read(path)
        var position = 0
        guard file.count > 2, file[0] == UInt8(ascii: "P"), file[1] == UInt8(ascii: "5") || file[1] == UInt8(ascii: "6")
        else { throw FileError(path: path, reason: "is no binary PGM or PPM (it does not begin with P5 or P6)") }
        let channels = file[1] == UInt8(ascii: "5") ? 1 : 3
        position = 2
        var header: [Int] = []
        for what in ["width", "height", "largest value"] {
            guard let number = number(in: file, at: &position) else {
                throw FileError(path: path, reason: "has no valid \(what) in its header")
            }
            header.append(number)
        }
        let (width, height, maximum) = (header[0], header[1], header[2])
        guard width > 0, height > 0, maximum > 0, maximum < 256 else {
            throw FileError(
                path: path,
                reason: "promises \(width) x \(height) pixels of 0...\(maximum); only 8 bits a sample can be read")
        }
        // One white space character, then the samples.
        let start = position + 1
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= (file.count - min(start, file.count)) / channels else {
            throw FileError(path: path, reason: "is cut short: too few bytes for \(width) x \(height) pixels")
        }
        return Content(
            width: width, height: height, channels: channels, maximum: maximum,
            bytes: file[start..<start + pixels * channels])
    }

    static func header(_ kind: String, width: Int, height: Int) -> [UInt8] {
        Array("\(kind)\n\(width) \(height)\n255\n".utf8)
    }

    /// The next number of a header, after white space and comments; at most nine digits.
    private static func number(in file: [UInt8], at position: inout Int) -> Int? {
        while position < file.count {
            if file[position] == UInt8(ascii: "#") {
                while position < file.count && file[position] != UInt8(ascii: "\n") { position += 1 }
            } else if !isSpace(file[position]) {
                break
            }
            position += 1
        }
        var value = 0
        var digits = 0
        while position < file.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = file[position], digits < 9 {
            value = value * 10 + Int(file[position] - UInt8(ascii: "0"))
            digits += 1
            position += 1
        }
        guard digits > 0, position < file.count, isSpace(file[position]) else { return nil }
        return value
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}

extension Image {
    /// Reads a binary PGM (one channel) or PPM (red, green, blue) file; values are 0...255.
    /// - Throws: ``FileError`` if the file cannot be read, has another format, or is cut short.
    public init(contentsOfPNM path: String) throws {
        let content = try PNM.read(path)
        let scale = 255 / Float(content.maximum)
        let count = content.width * content.height
        self.init(width: content.width, height: content.height, channels: content.channels) { samples in
            var next = content.bytes.startIndex
            for pixel in 0..<count {
                for channel in 0..<content.channels {
                    samples[channel * count + pixel] = Float(content.bytes[next]) * scale
                    next += 1
                }
            }
        }
    }

    /// Writes an image of one channel as PGM, of three (red, green, blue) as PPM, clamped to 0...255 and rounded. The
    /// file is written atomically.
    /// - Throws: ``FileError`` if the file cannot be written or the image has another number of channels.
    public func writePNM(to path: String) throws {
        guard channels == 1 || channels == 3 else {
            throw FileError(path: path, reason: "cannot hold \(channels) channels; PNM has one or three")
        }
        var bytes = PNM.header(channels == 1 ? "P5" : "P6", width: width, height: height)
        bytes.reserveCapacity(bytes.count + samples.count)
        for pixel in 0..<pixelCount {
            for channel in 0..<channels { bytes.append(roundedByte(samples[channel * pixelCount + pixel])) }
        }
        try Files.write(bytes, to: path)
    }
}

extension Plane where Value == UInt8 {
    /// Reads a binary PGM file. Values are as in the file, not scaled to 0...255.
    /// - Throws: ``FileError`` if the file cannot be read, is no PGM, or is cut short.
    public init(contentsOfPGM path: String) throws {
        let content = try PNM.read(path)
        guard content.channels == 1 else { throw FileError(path: path, reason: "is a colour picture, not a PGM") }
        self.init(width: content.width, height: content.height, values: Array(content.bytes))
    }

    /// Writes a binary PGM file atomically.
    ///
    /// - Parameter replacing: whether an existing file may be replaced.
    /// - Throws: ``FileError`` if it cannot be written; an existing file is then unchanged.
    public func writePGM(to path: String, replacing: Bool = true) throws {
        try WholeFile.write(PNM.header("P5", width: width, height: height) + values, to: path, replacing: replacing)
    }
}

/// Clamps to 0...255 and rounds; NaN becomes 0.
private func roundedByte(_ value: Float) -> UInt8 {
    let rounded = value + 0.5
    return rounded > 0 ? (rounded < 255 ? UInt8(rounded) : 255) : 0
}
