/// The output format that a file name extension selects.
public enum MediaOutput: Sendable, Equatable {
    /// H.264 in MP4, QuickTime or Matroska, VP9 in WebM.
    case video(VideoContainer)
    /// Frames as they are, without sound.
    case plain(PlainFormat)
    /// A still image.
    case still
    /// An image sequence.
    case frames(FramePattern)

    /// The output that is standard output, as Matroska.
    public static let standard = "-"

    /// Whether frames follow each other in one file.
    package var isVideo: Bool {
        switch self {
        case .video, .plain: true
        case .still, .frames: false
        }
    }

    /// - Parameter format: what is written, whatever the extension.
    /// - Throws: if the extension is unknown, or that of another format.
    public init(_ path: String, as format: OutputFormat) throws(MediaError) {
        let asked: MediaOutput
        switch format {
        case .auto:
            self = try MediaOutput(path)
            return
        case .matroska: asked = .video(.mkv)
        case .y4m: asked = .plain(.y4m)
        case .raw: asked = .plain(.raw)
        }
        if path != Self.standard, let named = try? MediaOutput(path), named != asked {
            throw MediaError("\(path): its ending is that of another format than \(format.rawValue); name it otherwise")
        }
        self = asked
    }

    /// - Throws: if the extension is unknown.
    public init(_ path: String) throws(MediaError) {
        if path == Self.standard {
            self = .video(.mkv)
        } else if let format = PlainFormat(rawValue: FileName.ending(of: path)), format == .y4m {
            self = .plain(format)
        } else if let container = VideoContainer(rawValue: FileName.ending(of: path)) {
            self = .video(container)
        } else if ImageFormat(path: path) != nil {
            self = FramePattern(path).map { .frames($0) } ?? .still
        } else {
            throw MediaError(
                "\(path): unknown ending; video is written as .mp4, .mov, .mkv, .webm or .y4m, pictures as .png, .jpg or .ppm"
            )
        }
    }
}

/// The formats that can be asked for, whatever the name of the output.
public enum OutputFormat: String, Sendable, CaseIterable {
    /// By the extension; Matroska on standard output.
    case auto
    case matroska, y4m, raw
}

/// Frames without a codec.
public enum PlainFormat: String, Sendable {
    /// Luma and chroma with a header, which says the size, the rate and the range.
    case y4m
    /// Packed red, green and blue of 8 bits, without any header.
    case raw

    /// The raw format that frames have.
    ///
    /// - Parameters:
    ///   - isEven: whether width and height are even. Otherwise chroma is not subsampled.
    ///   - depth: bits of a value, 8 or 10; raw frames have 8.
    package func caps(isEven: Bool, depth: Int) -> String {
        switch self {
        case .y4m: "video/x-raw,format=\(isEven ? "I420" : "Y444")\(depth == 10 ? "_10LE" : "")"
        case .raw: "video/x-raw,format=RGB"
        }
    }
}

/// Video containers; raw values are file name extensions.
public enum VideoContainer: String, Sendable, CaseIterable {
    case mp4, m4v, mov, mkv, webm

    /// The minimum width and height that the encoder accepts.
    package var smallestSide: Int { self == .webm ? 1 : 16 }

    /// The maximum width and height that the encoder accepts.
    package var largestSide: Int { self == .webm ? 65535 : 16384 }

    /// The elements from raw video to encoded frames.
    ///
    /// - Parameters:
    ///   - quality: 1...100.
    ///   - isEven: whether width and height are even. Otherwise H.264 is encoded without chroma subsampling.
    ///   - depth: bits of a value, 8 or 10.
    package func videoEncoder(quality: Int, threads: Int, isEven: Bool, depth: Int = 8) -> String {
        let ending = depth == 10 ? "_10LE" : ""
        if self == .webm {
            // With a lag its last frames are lost.
            return
                "video/x-raw,format=I420\(ending) ! vp9enc lag-in-frames=0 end-usage=cq cq-level=\((100 - quality) * 63 / 100) target-bitrate=200000000 deadline=1 "
                + "cpu-used=4 threads=\(threads == 0 ? 16 : threads)"
        }
        // Quality 80 is quantizer 18, which is visually almost lossless.
        let factor = 50 - (quality * 2 + 2) / 5
        return "video/x-raw,format=\(isEven ? "I420" : "Y444")\(ending) "
            + "! x264enc pass=qual vbv-buf-capacity=0 quantizer=\(factor) speed-preset=medium threads=\(threads) "
            + "! h264parse ! video/x-h264,stream-format=avc,alignment=au"
    }
}
