import Imaging
import Support

extension Image {
    /// Decodes a photograph in any still image format. Uses GdkPixbuf, which also supports CMYK, BMP, TIFF and animated
    /// GIF (first image), and otherwise ``init(contentsOf:over:largestPixelCount:)``.
    ///
    /// Much faster than the latter for many small files, as they are not inspected first. The orientation tag is
    /// ignored.
    ///
    /// - Parameters:
    ///   - background: grey level, 0...255, behind transparent pixels.
    ///   - largestPixelCount: maximum number of pixels.
    /// - Returns: the image in picture space: red, green, blue in 0...255.
    /// - Throws: if there is no such file, it is not a still image, is truncated or too large.
    public init(
        photograph path: String, over background: Float, largestPixelCount: Int = 1 << 28
    ) throws(MediaError) {
        try MediaInput.checkReadable(path)
        if Image.isCutShort(path) { throw MediaError("\(path): is cut short: its end is missing") }
        if let image = Image.decodedByPixbuf(path, over: background), image.pixelCount <= largestPixelCount {
            self = image
        } else {
            try self.init(contentsOf: path, over: background, largestPixelCount: largestPixelCount)
        }
    }

    /// Whether a file is a JPEG without end-of-image marker, with any data after it. Decoders fill the missing part
    /// with grey.
    private static func isCutShort(_ path: String) -> Bool {
        guard let start = try? Files.start(of: path, count: 2), start.bytes == [0xFF, 0xD8],
            let bytes = try? Files.read(path)
        else { return false }
        // Searches the second half only: embedded thumbnails, which have this marker too, are near the start.
        let rest = bytes[(bytes.count / 2)...]
        return !zip(rest, rest.dropFirst()).contains { $0 == 0xFF && $1 == 0xD9 }
    }

    /// The image; nil if GdkPixbuf cannot decode it or its element is not installed.
    private static func decodedByPixbuf(_ path: String, over background: Float) -> Image? {
        do throws(MediaError) {
            let pipeline = try Pipeline(
                parsing: """
                    filesrc name=source ! gdkpixbufdec ! videoconvert ! video/x-raw,format=RGBA \
                    ! appsink name=sink sync=false max-buffers=2
                    """, input: path)
            pipeline.set("location", of: "source", to: path)
            try pipeline.start()
            defer { pipeline.stop() }
            guard let sample = try pipeline.pullSample(from: "sink") else { return nil }
            defer { sample.release() }
            return sample.image(over: background)
        } catch {
            return nil
        }
    }
}
