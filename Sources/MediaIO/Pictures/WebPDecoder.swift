import CPictures

/// Reads WebP files, also animated ones.
final class WebPDecoder: PictureDecoder {
    private let path: String
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let decoder: OpaquePointer
    let width: Int
    let height: Int
    let orientation: Int
    let profile: [UInt8]?
    let durations: [Int64]
    private let hasAlpha: Bool

    /// - Throws: if the file is damaged.
    init(_ path: String, _ content: [UInt8]) throws(MediaError) {
        self.path = path
        // The decoder reads from these as long as it exists.
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: content.count)
        _ = bytes.initialize(from: content)
        var options = WebPAnimDecoderOptions()
        WebPAnimDecoderOptionsInit(&options)
        options.color_mode = MODE_RGBA
        var data = WebPData(bytes: bytes.baseAddress, size: bytes.count)
        var info = WebPAnimInfo()
        guard let decoder = WebPAnimDecoderNew(&data, &options), WebPAnimDecoderGetInfo(decoder, &info) != 0,
            let container = WebPAnimDecoderGetDemuxer(decoder)
        else {
            bytes.deallocate()
            throw .notMedia(path, "the WebP file is cut short or damaged")
        }
        self.bytes = bytes
        self.decoder = decoder
        (width, height) = (Int(info.canvas_width), Int(info.canvas_height))
        let flags = WebPDemuxGetI(container, WEBP_FF_FORMAT_FLAGS)
        hasAlpha = flags & ALPHA_FLAG.rawValue != 0
        orientation = Self.chunk("EXIF", of: container).map { exifOrientation(named: $0[...]) } ?? 1
        profile = Self.chunk("ICCP", of: container)
        durations = info.frame_count > 1 ? Self.durations(of: container) : []
    }

    deinit {
        WebPAnimDecoderDelete(decoder)
        bytes.deallocate()
    }

    private static func chunk(_ name: String, of container: OpaquePointer) -> [UInt8]? {
        var iterator = WebPChunkIterator()
        guard WebPDemuxGetChunk(container, name, 1, &iterator) != 0 else { return nil }
        defer { WebPDemuxReleaseChunkIterator(&iterator) }
        return Array(UnsafeBufferPointer(start: iterator.chunk.bytes, count: iterator.chunk.size))
    }

    private static func durations(of container: OpaquePointer) -> [Int64] {
        var iterator = WebPIterator()
        var durations: [Int64] = []
        guard WebPDemuxGetFrame(container, 1, &iterator) != 0 else { return [] }
        defer { WebPDemuxReleaseIterator(&iterator) }
        repeat {
            durations.append(FrameDuration.nanoseconds(Int(iterator.duration), of: 1000))
        } while WebPDemuxNextFrame(&iterator) != 0
        return durations
    }

    func next() throws(MediaError) -> Picture {
        var frame: UnsafeMutablePointer<UInt8>?
        var time: Int32 = 0
        guard WebPAnimDecoderGetNext(decoder, &frame, &time) != 0, let frame else {
            throw .notMedia(path, "a frame of the WebP file is damaged")
        }
        let size = width * height * 4
        return try Picture(width: width, height: height, hasAlpha: hasAlpha) { pixels throws(MediaError) in
            _ = pixels.update(fromContentsOf: UnsafeBufferPointer(start: frame, count: size))
        }
    }
}

/// How long frames of animations are shown.
enum FrameDuration {
    /// From a fraction of a second. Browsers show frames without a duration for a tenth of a second.
    static func nanoseconds(_ numerator: Int, of denominator: Int) -> Int64 {
        numerator <= 0 ? 100_000_000 : Int64(numerator) * 1_000_000_000 / Int64(denominator == 0 ? 100 : denominator)
    }
}
