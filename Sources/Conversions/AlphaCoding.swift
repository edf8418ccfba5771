import MediaIO

/// How a video keeps the alpha of its frames.
enum AlphaCoding {
    /// VP9 in WebM: a second stream of its own, in each block's additions.
    case secondStream
    /// ProRes 4444 in QuickTime.
    case fourthChannel

    /// Nil if the input has no alpha, or the output is not a container that holds it.
    init?(of input: InputContainer?, in output: MediaOutput, _ settings: Conversion.Settings) {
        guard input?.hasAlpha == true, settings.keepsAlpha, case .video(let container) = output else { return nil }
        switch container {
        case .webm: self = .secondStream
        case .mov: self = .fourthChannel
        case .mp4, .m4v, .mkv: return nil
        }
    }
}

extension AlphaCoding? {
    /// What is said of an input's alpha; nil for pictures, which keep it.
    func note(in output: MediaOutput) -> String? {
        if case .plain = output { return "alpha: left out; .webm and .mov hold it" }
        guard case .video(let container) = output else { return nil }
        return switch self {
        case .secondStream: nil
        case .fourthChannel: "alpha: kept, in ProRes 4444; --alpha off writes H.264 without it"
        case nil: [.webm, .mov].contains(container) ? nil : "alpha: left out; .webm and .mov hold it"
        }
    }
}
