import CAVFormat
import MediaIO
import Support

/// Reads pictures that only libavcodec knows, such as DPX, QOI, JPEG-LS and PFM.
final class CodecPicture: PictureDecoder {
    private let container: InputContainer
    let width: Int
    let height: Int

    /// Has pictures of these formats be read wherever a picture is asked for.
    static let isAdded: Void = AddedDecoder.add { path in CodecPicture(path) }

    /// Nil if it is no picture of a known format.
    private init?(_ path: String) {
        guard let container = try? InputContainer(path, at: path), container.isPicture,
            let parameters = container.video?.pointee.codecpar.pointee, parameters.width > 0, parameters.height > 0,
            // Drawings have a reader of their own, and text is no picture.
            ![AV_CODEC_ID_SVG, AV_CODEC_ID_ANSI].contains(parameters.codec_id)
        else { return nil }
        self.container = container
        (width, height) = (Int(parameters.width), Int(parameters.height))
    }

    /// Whether the end of the file is there, in formats whose decoders fill what is missing.
    private var isWhole: Bool {
        guard let codec = container.video?.pointee.codecpar.pointee.codec_id,
            [AV_CODEC_ID_QOI, AV_CODEC_ID_JPEGLS, AV_CODEC_ID_SUNRAST].contains(codec),
            let bytes = try? Files.read(container.path)
        else { return true }
        switch codec {
        case AV_CODEC_ID_QOI: return bytes.suffix(8) == [0, 0, 0, 0, 0, 0, 0, 1]
        // Padding may follow.
        case AV_CODEC_ID_JPEGLS:
            return bytes.suffix(64).indices.dropLast().contains { bytes[$0...].starts(with: [0xFF, 0xD9]) }
        default:
            func number(_ offset: Int) -> Int { bytes.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | Int($1) } }
            // Header, palette and samples.
            return 32 + number(28) + number(16) <= bytes.count
        }
    }

    func next() throws(MediaError) -> Picture {
        guard isWhole else { throw MediaError("\(container.path): is cut short: the end of the picture is missing") }
        let decoder = try VideoDecoder(container, isStrict: true)
        guard let frame = try decoder.picture(as: .rgba) else {
            throw .notMedia(container.path, "the picture is cut short or damaged")
        }
        guard (Int(frame.pointee.width), Int(frame.pointee.height)) == (width, height), let bytes = frame.pointee.data.0
        else { throw .notMedia(container.path, "its size changes") }
        let stride = Int(frame.pointee.linesize.0)
        var picture = try Picture(width: width, height: height, hasAlpha: true) { pixels throws(MediaError) in
            for y in 0..<height {
                for x in 0..<4 * width { pixels[y * 4 * width + x] = bytes[y * stride + x] }
            }
        }
        picture.hasAlpha = !picture.isOpaque
        return picture
    }
}

/// Adds the pictures that libavcodec reads to those that are read without.
public func readPicturesOfAllFormats() { CodecPicture.isAdded }
