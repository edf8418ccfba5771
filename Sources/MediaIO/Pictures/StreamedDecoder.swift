/// Reads a picture with GStreamer's decoders, such as those for JPEG 2000 and SVG.
struct StreamedDecoder: PictureDecoder {
    private let path: String
    let width: Int
    let height: Int

    /// - Parameter found: what the file holds.
    init(_ path: String, _ found: PictureDiscovery) {
        self.path = path
        (width, height) = (found.width, found.height)
    }

    func next() throws(MediaError) -> Picture {
        let pipeline = try Pipeline(
            parsing: """
                filesrc name=source ! decodebin ! videoconvert ! videoflip video-direction=auto \
                ! video/x-raw,format=RGBA ! appsink name=sink sync=false max-buffers=2
                """, input: path)
        pipeline.set("location", of: "source", to: path)
        try pipeline.start()
        defer { pipeline.stop() }
        guard let sample = try pipeline.pullSample(from: "sink") else { throw .notMedia(path) }
        defer { sample.release() }
        let bytes = sample.bytes()
        guard bytes.count == width * height * 4 else { throw .notMedia(path, "its size changes") }
        var picture = try Picture(width: width, height: height, hasAlpha: true) { pixels throws(MediaError) in
            _ = pixels.update(fromContentsOf: bytes)
        }
        picture.hasAlpha = !picture.isOpaque
        return picture
    }
}
