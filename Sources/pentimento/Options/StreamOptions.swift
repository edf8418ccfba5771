import ArgumentParser
import Conversions

/// Which streams of a film stand beside its painted frames.
struct StreamOptions: ParsableArguments {
    @Option(help: "Sounds to take: all, none, or numbers and languages such as 1,deu.")
    var audio = StreamChoice.all

    @Option(help: "Subtitles to take: all, none, or numbers and languages.")
    var subtitles = StreamChoice.all

    /// Whether all streams are taken.
    var areAll: Bool { audio == .all && subtitles == .all }

    /// The options as words of a command.
    var words: [String] { ["--audio", "\(audio)", "--subtitles", "\(subtitles)"] }

    /// Sets them in a conversion's settings.
    func apply(to settings: inout Conversion.Settings) {
        settings.sounds = audio
        settings.subtitles = subtitles
    }
}
