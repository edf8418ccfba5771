import CGStreamer
import Imaging
import Support

extension Image {
    /// Decodes a picture in any format that can be read, and applies its orientation tag and color profile.
    ///
    /// - Returns: the image in picture space: red, green, blue in 0...255. Alpha is ignored.
    /// - Throws: if there is no such file, it is a video, or it cannot be decoded.
    public init(contentsOf path: String) throws(MediaError) {
        guard let picture = try Self.firstPicture(of: path) else { throw .notMedia(path) }
        self = picture.image(over: nil)
    }

    /// Decodes a still picture and composites it over a background.
    ///
    /// - Parameters:
    ///   - background: grey level, 0...255.
    ///   - largestPixelCount: maximum number of pixels, checked before decoding.
    ///   - takesFirstFrame: whether the first frame of an animation is such a picture, too.
    /// - Returns: the image in picture space: red, green, blue in 0...255.
    /// - Throws: if there is no such file, it is not a still picture, is truncated or too large.
    public init(
        contentsOf path: String, over background: Float, largestPixelCount: Int = 1 << 28, takesFirstFrame: Bool = false
    ) throws(MediaError) {
        guard let picture = try Self.firstPicture(of: path, largestPixelCount, takesFirstFrame: takesFirstFrame) else {
            throw MediaError("\(path): is a video, not a still picture")
        }
        self = picture.image(over: background)
    }

    /// The first picture of a file; nil if it is a video.
    private static func firstPicture(
        of path: String, _ largestPixelCount: Int = .max, takesFirstFrame: Bool = true
    ) throws(MediaError) -> Picture? {
        startGStreamer()
        try MediaInput.checkReadable(path)
        guard case .pictures(var file) = try OpenedMedia.open(path), takesFirstFrame || file.durations.isEmpty else {
            return nil
        }
        try file.checkSize(largestPixelCount)
        return try file.next()
    }

    /// Writes the image atomically, in the format of the path's extension: `.png`, `.jpg` or `.ppm`.
    ///
    /// - Parameter replacing: whether an existing file may be replaced.
    /// - Precondition: the image is in picture space. Samples are rounded and clamped to 0...255.
    /// - Throws: if the extension is unknown or the file cannot be written.
    public func write(to path: String, replacing: Bool = false) throws(MediaError) {
        guard let format = ImageFormat(path: path) else { throw ImageFormat.unknown(path) }
        let bytes = try encoded(as: format, path: path)
        try MediaError.wrapping { () throws(FileError) in
            try WholeFile.write(bytes, to: path, replacing: replacing)
        }
    }

    /// Draws a line of text, black on white, in picture space.
    public init(text: String, width: Int, height: Int) throws(MediaError) {
        let pipeline = try Pipeline(
            parsing: """
                videotestsrc pattern=white num-buffers=1 ! video/x-raw,format=RGB,width=\(width),height=\(height) \
                ! textoverlay name=text font-desc="Sans \(height / 2)px" color=0xff000000 draw-outline=false draw-shadow=false \
                auto-resize=false halignment=left valignment=center xpad=0 ! videoconvert ! video/x-raw,format=RGB \
                ! appsink name=sink sync=false
                """, input: "a label")
        pipeline.set("text", of: "text", to: text)
        try pipeline.start()
        defer { pipeline.stop() }
        guard let sample = try pipeline.pullSample(from: "sink") else { throw MediaError("a label could not be drawn") }
        defer { sample.release() }
        guard let image = sample.image() else { throw MediaError("a label could not be drawn") }
        self = image
    }

    /// The image as a file's bytes.
    ///
    /// - Parameter path: in error messages.
    /// - Precondition: as of ``write(to:replacing:)``.
    package func encoded(as format: ImageFormat, path: String) throws(MediaError) -> [UInt8] {
        let pipeline = try Pipeline(
            parsing: """
                appsrc name=source format=time caps=video/x-raw,format=RGB,width=\(width),height=\(height),framerate=0/1 \
                ! videoconvert ! \(format.encoder(quality: 90)) ! appsink name=sink sync=false
                """, input: path)
        try pipeline.start()
        defer { pipeline.stop() }
        var pixels = packedRGB()
        let buffer = pixels.withUnsafeMutableBytes { gst_buffer_new_memdup($0.baseAddress, UInt($0.count)) }
        guard let buffer else { throw MediaError("\(path): no memory for the picture") }
        buffer.pointee.pts = 0
        _ = pipeline.child("source") { source in
            _ = gst_app_src_push_buffer(source.of(GstAppSrc.self), buffer)
            _ = gst_app_src_end_of_stream(source.of(GstAppSrc.self))
        }
        guard let sample = try pipeline.pullSample(from: "sink") else { throw MediaError("\(path): cannot be encoded") }
        defer { sample.release() }
        return sample.bytes()
    }

    /// Packed RGB bytes with rows padded to a multiple of four bytes, GStreamer's default stride.
    package func packedRGB() -> [UInt8] {
        let stride = (width * 3 + 3) & ~3
        var bytes = [UInt8](repeating: 0, count: stride * height)
        for channel in 0..<3 {
            let plane = min(channel, channels - 1) * pixelCount
            for y in 0..<height {
                for x in 0..<width {
                    let value = samples[plane + y * width + x]
                    bytes[y * stride + x * 3 + channel] = value > 0 ? UInt8(min(value.rounded(), 255)) : 0
                }
            }
        }
        return bytes
    }
}

/// Image formats for output.
package enum ImageFormat: String, CaseIterable {
    case png, jpg, jpeg, ppm

    package init?(path: String) {
        self.init(rawValue: FileName.ending(of: path))
    }

    /// Whether the format has alpha.
    package var holdsAlpha: Bool { self == .png }

    static func unknown(_ path: String) -> MediaError {
        MediaError("\(path): unknown ending; pictures are written as .png, .jpg or .ppm")
    }

    /// The encoder element.
    ///
    /// - Parameter quality: 1...100, for lossy formats.
    package func encoder(quality: Int) -> String {
        switch self {
        case .png: "pngenc"
        case .jpg, .jpeg: "jpegenc quality=\(quality)"
        case .ppm: "video/x-raw,format=RGB ! pnmenc"
        }
    }
}

package enum FileName {
    /// The lowercase file name extension without its dot; empty if there is none.
    package static func ending(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
