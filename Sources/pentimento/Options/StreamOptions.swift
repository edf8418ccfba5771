import ArgumentParser
import Conversions

/// Which streams of a film stand beside its painted frames.
struct StreamOptions: ParsableArguments {
    @Option(help: "Sounds to take: all, none, or numbers and languages such as 1,deu.")
    var audio = StreamChoice.all

    @Option(help: "Subtitles to take: all, none, or numbers and languages.")
    var subtitles = StreamChoice.all

    /// Sets them in a conversion's settings.
    func apply(to settings: inout Conversion.Settings) {
        settings.sounds = audio
        settings.subtitles = subtitles
    }
}
