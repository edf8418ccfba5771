import CPictures

/// Reads PNG files, also animated ones (APNG).
///
/// The decoder gets the chunks that hold samples. Others say, for example, which gamma a screen had when the picture was
/// made, and damaged ones of these are no reason to refuse a picture.
struct PNGDecoder: PictureDecoder {
    private let path: String
    private let bytes: [UInt8]
    private let file: PNGChunks
    let width: Int
    let height: Int
    let orientation: Int
    let profile: [UInt8]?
    let durations: [Int64]
    private var nextFrame = 0
    private var canvas: AnimationCanvas?

    /// - Throws: if the file is cut short or has no picture.
    init(_ path: String, _ bytes: [UInt8]) throws(MediaError) {
        guard let file = PNGChunks(bytes) else { throw .notMedia(path, "the PNG file has no picture") }
        guard file.isWhole else { throw MediaError("\(path): is cut short: the end of the picture is missing") }
        self.path = path
        self.bytes = bytes
        self.file = file
        (width, height) = (file.width, file.height)
        orientation = file.first("eXIf").map { exifOrientation(bytes[$0]) } ?? 1
        profile = file.first("iCCP").flatMap { Self.inflated(profile: bytes[$0]) }
        durations = file.frames.count > 1 ? file.frames.map(\.duration) : []
    }

    mutating func next() throws(MediaError) -> Picture {
        guard !durations.isEmpty else { return try decode(file.pictureBytes(of: bytes)) }
        let frame = file.frames[nextFrame]
        nextFrame += 1
        let part = try decode(file.pictureBytes(of: bytes, frame: frame))
        guard frame.x + part.width <= width, frame.y + part.height <= height else {
            throw .notMedia(path, "frame \(nextFrame) of the PNG file is larger than the picture")
        }
        var canvas = canvas ?? AnimationCanvas(width: width, height: height)
        canvas.draw(part, x: frame.x, y: frame.y, disposal: frame.disposal, isBlended: frame.isBlended)
        self.canvas = canvas
        var picture = canvas.picture
        picture.hasAlpha = part.hasAlpha || !picture.isOpaque
        return picture
    }

    /// Decodes a PNG file of 1 to 16 bits a sample in any color type.
    private func decode(_ file: [UInt8]) throws(MediaError) -> Picture {
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        guard png_image_begin_read_from_memory(&image, file, file.count) != 0 else {
            throw .notMedia(path, Self.message(of: image))
        }
        let hasAlpha = image.format & png_uint_32(PNG_FORMAT_FLAG_ALPHA) != 0
        image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
        image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
        let (width, height) = (Int(image.width), Int(image.height))
        return try Picture(width: width, height: height, hasAlpha: hasAlpha) { pixels throws(MediaError) in
            guard png_image_finish_read(&image, nil, pixels.baseAddress, png_int_32(width * 4), nil) != 0 else {
                throw .notMedia(path, Self.message(of: image))
            }
        }
    }

    private static func message(of image: png_image) -> String {
        withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The content of an iCCP chunk: a name that ends with 0, the method 0, and zlib's stream.
    private static func inflated(profile chunk: ArraySlice<UInt8>) -> [UInt8]? {
        guard let end = chunk.firstIndex(of: 0), end + 2 < chunk.endIndex, chunk[end + 1] == 0 else { return nil }
        let compressed = Array(chunk[(end + 2)...])
        // Profiles with tables for printers have a few megabytes.
        for limit in [1 << 16, 1 << 20, 1 << 24] {
            var size = uLongf(limit)
            var profile = [UInt8](repeating: 0, count: limit)
            let result = uncompress(&profile, &size, compressed, uLong(compressed.count))
            if result == Z_OK { return Array(profile.prefix(Int(size))) }
            if result != Z_BUF_ERROR { return nil }
        }
        return nil
    }
}
