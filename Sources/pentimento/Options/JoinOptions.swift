import ArgumentParser
import Conversions

/// How parts become a film: the options that `submit` passes on to `join`.
struct JoinOptions: ParsableArguments {
    @OptionGroup var encoder: EncoderOptions
    @OptionGroup var streams: StreamOptions

    /// The options as words of a command.
    var words: [String] { encoder.words + streams.words }

    /// Sets them in a conversion's settings.
    func apply(to settings: inout Conversion.Settings) {
        settings.quality = encoder.quality
        streams.apply(to: &settings)
    }
}
