import MediaIO

/// How a video keeps the alpha of its frames.
enum AlphaCoding {
    /// VP9 in WebM: a second stream of its own, in each block's additions.
    case secondStream
    /// ProRes 4444 in QuickTime.
    case fourthChannel

    /// Nil if the output is not a container that holds alpha.
    init?(in output: MediaOutput) {
        guard case .video(let container) = output else { return nil }
        switch container {
        case .webm: self = .secondStream
        case .mov: self = .fourthChannel
        case .mp4, .m4v, .mkv: return nil
        }
    }
}

/// The alpha of a conversion's input, and what becomes of it.
struct InputAlpha {
    private let output: MediaOutput
    private let path: String
    private let isKept: Bool
    private let isThere: Bool

    /// - Parameters:
    ///   - path: of the output.
    ///   - isKept: whether alpha is wanted.
    ///   - isThere: whether the input is known to have alpha: a video by its format, pictures by the first. Asked only
    ///     where it matters.
    init(output: MediaOutput, path: String, isKept: Bool, isThere: () -> Bool) {
        self.output = output
        self.path = path
        self.isKept = isKept
        self.isThere = isKept && (output.isVideo || ImageFormat(path: path)?.holdsAlpha == false) && isThere()
    }

    /// Nil if there is no alpha, or the output is no video that holds it.
    var coding: AlphaCoding? { isThere && isKept ? AlphaCoding(in: output) : nil }

    /// What is said before the first frame; nil: nothing.
    var note: String? {
        guard isKept, isThere else { return nil }
        if coding == .fourthChannel {
            return "alpha: kept, in ProRes 4444; --alpha off writes H.264 without it"
        }
        return lostNote
    }

    /// What is said at the end.
    ///
    /// - Parameter hasCome: whether a picture behind the first one had alpha.
    func lateNote(hasCome: Bool) -> String? {
        guard isKept, !isThere, hasCome else { return nil }
        guard AlphaCoding(in: output) != nil else { return lostNote }
        return "alpha: left out, as the first picture has none"
    }

    /// Nil for outputs that hold alpha.
    private var lostNote: String? {
        if output.isVideo {
            return AlphaCoding(in: output) == nil ? "alpha: left out; .webm and .mov hold it" : nil
        }
        return ImageFormat(path: path)?.holdsAlpha == false ? "alpha: left out; .png holds it" : nil
    }
}
