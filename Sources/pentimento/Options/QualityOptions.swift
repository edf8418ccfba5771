import ArgumentParser
import GStreamerKit
import GstPentimento

/// `--quality` of commands whose only quality is that of the encoder.
struct EncoderOptions: ParsableArguments {
    static let defaultQuality = 80

    @Option(help: "Encoder quality, 1 to 100.")
    var quality = defaultQuality

    /// The option as words of a command.
    var words: [String] { ["--quality", "\(quality)"] }

    func validate() throws {
        guard (1...100).contains(quality) else { throw ValidationError("--quality is 1 to 100, not \(quality)") }
    }
}

/// `--quality` of commands that paint with a network: a word is the painting's, a number the encoder's.
struct QualityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Speed against quality of the painting, as a word; encoder quality, as a number. May be given twice. "
                + "(values: live, balanced, best, 1 to 100; default: best and \(EncoderOptions.defaultQuality))",
            discussion: [Quality.live, .balanced, .best].map { "\($0.rawValue) - \($0.blurb)" }
                .joined(separator: "\n")),
        completion: .list(["live", "balanced", "best"]), transform: Choice.init)
    var quality: [Choice] = []

    enum Choice {
        case painting(Quality)
        case encoder(Int)

        init(_ text: String) throws {
            if let number = Int(text), (1...100).contains(number) {
                self = .encoder(number)
            } else if let quality = Quality(rawValue: text) {
                self = .painting(quality)
            } else {
                throw ValidationError("allowed values are live, balanced, best, and 1 to 100")
            }
        }
    }

    var painting: Quality {
        quality.compactMap { if case .painting(let quality) = $0 { quality } else { nil } }.last ?? .best
    }

    var encoder: Int {
        quality.compactMap { if case .encoder(let quality) = $0 { quality } else { nil } }.last
            ?? EncoderOptions.defaultQuality
    }
}
