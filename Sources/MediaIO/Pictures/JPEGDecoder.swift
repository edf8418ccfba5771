import CPictures

/// Reads JPEG files, also those with four inks.
struct JPEGDecoder: PictureDecoder {
    private let path: String
    private let bytes: [UInt8]
    let width: Int
    let height: Int
    let orientation: Int
    private let hasInks: Bool
    /// Whether 255 is no ink, as Adobe's programs write it.
    private let areInksInverted: Bool
    /// Also of inks.
    private let embeddedProfile: [UInt8]?

    var profile: [UInt8]? { hasInks ? nil : embeddedProfile }

    /// - Returns: nil if the library does not know the file's kind of subsampling.
    /// - Throws: if the file is cut short.
    init?(_ path: String, _ bytes: [UInt8]) throws(MediaError) {
        guard hasWholeImage(jpeg: bytes) else {
            throw MediaError("\(path): is cut short: the end of the picture is missing")
        }
        guard let handle = tjInitDecompress() else { return nil }
        defer { tjDestroy(handle) }
        var (width, height, sampling, colors) = (Int32(0), Int32(0), Int32(0), Int32(0))
        guard tjDecompressHeader3(handle, bytes, UInt(bytes.count), &width, &height, &sampling, &colors) == 0,
            width > 0, height > 0
        else { return nil }
        self.path = path
        self.bytes = bytes
        (self.width, self.height) = (Int(width), Int(height))
        hasInks = [Int32(TJCS_CMYK.rawValue), Int32(TJCS_YCCK.rawValue)].contains(colors)
        let segments = JPEGMetadata.segments(of: bytes)
        func contents(_ marker: UInt8, _ name: String) -> [ArraySlice<UInt8>] {
            segments.filter { bytes[$0.lowerBound + 1] == marker }.map { bytes[($0.lowerBound + 4)..<$0.upperBound] }
                .filter { $0.starts(with: Array(name.utf8)) }
        }
        orientation = contents(0xE1, "Exif\0\0").first.map(exifOrientation(named:)) ?? 1
        areInksInverted = !contents(0xEE, "Adobe").isEmpty
        // In parts of up to 64 kB, which have their numbers.
        let parts = contents(0xE2, "ICC_PROFILE\0").filter { $0.count > 14 }
            .sorted { $0[$0.startIndex + 12] < $1[$1.startIndex + 12] }
        embeddedProfile = parts.isEmpty ? nil : parts.flatMap { $0.dropFirst(14) }
    }

    func next() throws(MediaError) -> Picture {
        guard let handle = tjInitDecompress() else { throw MediaError("\(path): no memory for the picture") }
        defer { tjDestroy(handle) }
        var picture = try Picture(width: width, height: height, hasAlpha: false) { pixels throws(MediaError) in
            let format = hasInks ? TJPF_CMYK : TJPF_RGBA
            let result = tjDecompress2(
                handle, bytes, UInt(bytes.count), pixels.baseAddress, Int32(width), Int32(width * 4), Int32(height),
                Int32(format.rawValue), TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
            // Warnings are about superfluous bytes and the like.
            if result != 0 && tjGetErrorCode(handle) != Int32(TJERR_WARNING.rawValue) {
                throw .notMedia(path, tjGetErrorStr2(handle).map { String(cString: $0) })
            }
        }
        if hasInks { printInks(&picture.pixels) }
        return picture
    }

    /// Turns cyan, magenta, yellow and black into red, green, blue and alpha.
    private func printInks(_ pixels: inout [UInt8]) {
        if areInksInverted { for index in pixels.indices { pixels[index] = 255 - pixels[index] } }
        if let embeddedProfile, let profile = ColorProfile(embeddedProfile, for: .inks) {
            profile.convert(&pixels)
            for index in stride(from: 3, to: pixels.count, by: 4) { pixels[index] = 255 }
            return
        }
        for index in stride(from: 0, to: pixels.count, by: 4) {
            let light = 255 - Int(pixels[index + 3])
            for channel in index..<index + 3 {
                pixels[channel] = UInt8((light * (255 - Int(pixels[channel])) + 127) / 255)
            }
            pixels[index + 3] = 255
        }
    }
}
