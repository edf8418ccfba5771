import ArgumentParser
import MediaIO

/// Options of all commands that work through the frames of a film.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Replace outputs that exist.")
    var force = false

    @Option(
        help: """
            Progress on standard error: a bar, lines (one every 10 s), json (one object a line every second) or none; \
            auto is a bar on a terminal and lines elsewhere.
            """)
    var progress = ProgressStyle.auto

    @Flag(help: "Print a summary as JSON.")
    var json = false

    /// Shows the progress of work on frames. A signal ends the work.
    ///
    /// - Parameters:
    ///   - total: number of frames; nil if unknown.
    ///   - input: the file that is worked on; nil: it needs no name.
    ///   - work: calls its argument with the number of frames so far, and again and again meanwhile.
    /// - Throws: the error of `work`, or an `Interruption`.
    func showingProgress<Result>(
        total: Int?, input: String? = nil, _ work: (_ poll: (_ frames: Int) -> Pipeline.Verdict) throws -> Result
    ) throws -> Result {
        var bar = ProgressBar(total: total, style: progress, input: input)
        defer { bar.clear() }
        var last = 0
        let result = try Interrupt.guarding {
            try work { frames in
                last = frames
                bar.show(frames)
                return Interrupt.received == nil ? .goOn : .cancel
            }
        }
        bar.finish(last)
        return result
    }
}
