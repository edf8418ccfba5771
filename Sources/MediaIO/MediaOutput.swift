/// What a path's ending asks to be written.
public enum MediaOutput: Sendable, Equatable {
    /// H.264 in MP4, QuickTime or Matroska, VP9 in WebM.
    case video(VideoContainer)
    case still
    case frames(FramePattern)

    /// - Throws: if the ending is unknown.
    public init(_ path: String) throws(MediaError) {
        if let container = VideoContainer(rawValue: FileName.ending(of: path)) {
            self = .video(container)
        } else if PictureFormat(path: path) != nil {
            self = FramePattern(path).map { .frames($0) } ?? .still
        } else {
            throw MediaError(
                "\(path): unknown ending; video is written as .mp4, .mov, .mkv or .webm, pictures as .png, .jpg or .ppm"
            )
        }
    }
}

/// Containers by the ending of their files.
public enum VideoContainer: String, Sendable, CaseIterable {
    case mp4, m4v, mov, mkv, webm

    var muxer: String {
        switch self {
        case .mp4, .m4v: "mp4mux"
        case .mov: "qtmux"
        case .mkv: "matroskamux"
        case .webm: "webmmux"
        }
    }

    /// The least width and height that its encoder takes.
    var smallestSide: Int { self == .webm ? 1 : 16 }

    /// From raw video to what the muxer takes.
    ///
    /// - Parameters:
    ///   - quality: 1...100.
    ///   - isEven: whether width and height are even. H.264 cannot halve the colour of odd sizes, so those keep it whole.
    func videoEncoder(quality: Int, threads: Int, isEven: Bool) -> String {
        if self == .webm {
            return "vp9enc end-usage=cq cq-level=\((100 - quality) * 63 / 100) target-bitrate=200000000 deadline=1 "
                + "cpu-used=4 threads=\(threads == 0 ? 16 : threads)"
        }
        // 80 gives the encoder's rate factor 18, at which few see a difference.
        let factor = 50 - (quality * 2 + 2) / 5
        return "video/x-raw,format=\(isEven ? "I420" : "Y444") "
            + "! x264enc pass=qual quantizer=\(factor) speed-preset=medium threads=\(threads) ! h264parse"
    }

    /// For sound that the container cannot hold as it is.
    var soundEncoder: String {
        self == .webm
            ? "decodebin ! audioconvert ! audioresample ! opusenc"
            : "decodebin ! audioconvert ! audioresample ! avenc_aac ! aacparse"
    }
}
