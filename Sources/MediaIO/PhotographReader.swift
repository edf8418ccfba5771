import Imaging
import Support

extension Image {
    /// Decodes a photograph, of whatever sort it is: by GdkPixbuf, which also takes what decoders of video refuse (CMYK, BMP, TIFF; of
    /// an animated GIF the first picture), or as ``init(contentsOf:over:largestPixelCount:)``.
    ///
    /// Much faster than that for many small files: nothing is looked at beforehand. How a camera was held is not heeded.
    ///
    /// - Parameters:
    ///   - background: a grey of 0...255, which shows through where the picture is transparent.
    ///   - largestPixelCount: what has more pixels is refused.
    /// - Returns: in picture space: red, green, blue in 0...255.
    /// - Throws: if there is no such file, or it is no still picture.
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

    /// Whether a file begins as a JPEG and does not end as one, with whatever behind: decoders paint what is missing grey.
    private static func isCutShort(_ path: String) -> Bool {
        guard let start = try? Files.start(of: path, count: 2), start.bytes == [0xFF, 0xD8],
            let bytes = try? Files.read(path)
        else { return false }
        // Thumbnails, which end the same way, lie near the start.
        let rest = bytes[(bytes.count / 2)...]
        return !zip(rest, rest.dropFirst()).contains { $0 == 0xFF && $1 == 0xD9 }
    }

    /// Nil where it cannot be decoded so, or there is no such element.
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
