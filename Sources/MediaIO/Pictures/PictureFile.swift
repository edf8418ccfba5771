import Imaging
import Support

/// Reads a file of one picture or of an animation: upright, in sRGB.
struct PictureFile {
    let path: String
    /// Nil for formats that are not in ``PictureKind``.
    let kind: PictureKind?
    /// Of the upright picture, in pixels.
    let width: Int
    /// Of the upright picture, in pixels.
    let height: Int
    /// How long each frame of an animation is shown, in nanoseconds; empty if the file has one picture.
    var durations: [Int64] { decoder.durations }
    /// How many pictures or pages the file has, of which only the first is read.
    var pageCount: Int { decoder.pageCount }
    private var decoder: any PictureDecoder

    /// Pixels of the largest picture that is decoded: a gigabyte.
    static let largestPixelCount = 1 << 28

    /// Reads the header.
    ///
    /// - Throws: if the file is damaged or too large, or a decoder is missing.
    init(_ path: String, _ kind: PictureKind) throws(MediaError) {
        let bytes = try Self.bytes(of: path)
        guard kind != .bmp || hasWholeImage(bmp: bytes), kind != .gif || gifDurations(bytes) != nil else {
            throw MediaError("\(path): is cut short: the end of the picture is missing")
        }
        let decoder: (any PictureDecoder)? =
            switch kind {
            case .png: try PNGDecoder(path, bytes)
            // Rare kinds of subsampling are known to the loader only.
            case .jpeg: try JPEGDecoder(path, bytes) ?? PixbufDecoder(path, kind, bytes)
            case .webp: try WebPDecoder(path, bytes)
            case .jpeg2000: try StreamedDecoder(path, PictureDiscovery(path))
            default: PixbufDecoder(path, kind, bytes)
            }
        guard let decoder else {
            throw kind.missingDecoder(path) ?? .notMedia(path, "the \(kind.rawValue) file is cut short or damaged")
        }
        try self.init(path, kind, decoder)
    }

    /// A picture that a decoder has found.
    init(_ path: String, _ kind: PictureKind?, _ decoder: any PictureDecoder) throws(MediaError) {
        self.path = path
        self.kind = kind
        self.decoder = decoder
        (width, height) =
            decoder.orientation > 4 ? (decoder.height, decoder.width) : (decoder.width, decoder.height)
        try checkSize(Self.largestPixelCount)
    }

    private static func bytes(of path: String) throws(MediaError) -> [UInt8] {
        do { return try Files.read(path) } catch {
            throw (error as? FileError).map { MediaError($0) } ?? .notMedia(path)
        }
    }

    /// - Throws: if the picture has more pixels than that.
    func checkSize(_ largestPixelCount: Int) throws(MediaError) {
        guard width <= largestPixelCount / max(height, 1) else {
            throw MediaError("\(path): is \(width) x \(height) pixels large; make it smaller")
        }
    }

    /// The next picture. Not called more often than there are pictures.
    ///
    /// - Throws: if the file is damaged.
    mutating func next() throws(MediaError) -> Picture {
        var picture = try decoder.next()
        if let bytes = decoder.profile, let profile = ColorProfile(bytes) { profile.convert(&picture.pixels) }
        return picture.upright(decoder.orientation)
    }
}

/// What a file holds.
enum OpenedMedia {
    case pictures(PictureFile)
    case video(MediaInput.VideoFacts)

    /// Looks at a file that exists.
    ///
    /// - Parameter video: what is said of a file that is none of the known pictures; nil if it is no video either.
    /// - Throws: if it is damaged, or neither a video nor a picture, or a decoder is missing.
    static func open(
        _ path: String, video: (_ file: String) throws(MediaError) -> MediaInput.VideoFacts? = { _ in nil }
    ) throws(MediaError) -> OpenedMedia {
        if let kind = PictureKind(of: path) {
            // What cameras send is picture behind picture.
            if kind == .jpeg, isMotionJPEG(path), let facts = try video(path) { return .video(facts) }
            return .pictures(try PictureFile(path, kind))
        }
        if let facts = try video(path) { return .video(facts) }
        if let decoder = try AddedDecoder.open(path) { return .pictures(try PictureFile(path, nil, decoder)) }
        do throws(MediaError) {
            let found = try PictureDiscovery(path)
            guard found.isStill else { throw .notMedia(path) }
            return .pictures(try PictureFile(path, nil, StreamedDecoder(path, found)))
        } catch {
            // Formats without a decoder in GStreamer, such as icons.
            guard let decoder = PixbufDecoder(path, nil, []) else { throw error }
            return .pictures(try PictureFile(path, nil, decoder))
        }
    }
}

/// Formats of pictures that are read once a package is installed, and how to install it.
public func missingPictureDecoders() -> [(format: String, remedy: String)] {
    let loaders = PixbufDecoder.loaderEndings
    return [PictureKind.avif, .heic, .jpegXL].filter { loaders.isDisjoint(with: $0.endings) }
        .compactMap { kind in kind.remedy.map { (kind.rawValue, $0) } }
}
