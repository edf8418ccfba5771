import ArgumentParser
import Glibc
import GstPentimento
import LivePipeline
import MediaIO
import Studio
import Style
import Support

struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "Paints a camera while it plays, into a window, a stream or a virtual camera.",
        discussion: """
            A page in the browser shows the painting and drives it: style, strength, blends, presets, recordings. Its \
            address is printed.

            An input that goes away, such as a camera that is unplugged, leaves the last picture in place and is tried \
            again until it comes back; so is an output that fails. Where frames come faster than they can be painted, \
            some are left out. Ctrl-C ends the painting and completes recordings; the exit code is then 0.
            """)

    @OptionGroup var live: LiveOptions
    @OptionGroup var page: PageOptions
    @OptionGroup var controls: ControlOptions

    @Option(Stylize.model, name: "style") var style

    @Option(
        help: ArgumentHelp(
            "Speed against quality. (values: auto, live, balanced, best; default: auto)",
            discussion: Quality.allCases.map { "\($0.rawValue) - \($0.blurb)" }.joined(separator: "\n")),
        completion: .list(Quality.allCases.map(\.rawValue)), transform: quality(parsing:))
    var quality = Quality.auto

    @Option(Stylize.strength) var strength
    @Option(Stylize.coherence) var coherence
    @Flag(Stylize.preserveColor) var preserveColor

    @Flag(help: "Print JSON lines: one about what there is, then one each second.")
    var json = false

    /// Seconds in which the first frame has to be painted, unless the input is a stream.
    private static let patience = 40.0

    func run() throws {
        try Pentimento.startElements()
        let (state, styles) = try beginning()
        var settings = try live.settings(clip: Self.bundledClip)
        settings.quality = quality
        let line = StatusLine(json: json)
        settings.say = { line.say($0) }
        let painting = try LivePipeline(settings, styles: styles, state: state)
        Interrupt.listen(patiently: true)
        defer { painting.stop() }
        let studio = try LiveStudio(painting, state, page: page, controls: controls) { line.say($0) }
        try painting.start()
        line.begin(pages: studio.addresses)
        try withExtendedLifetime(studio) {
            try play(painting, line, studio.addresses, isAwaited: settings.input.isAwaited)
        }
        line.clear()
    }

    /// The state at the beginning, and the styles.
    private func beginning() throws -> (StudioState, LiveStyles) {
        var state = StudioState()
        state.style = style.value
        state.strength = strength.value
        state.coherence = coherence.value
        state.preserveColor = preserveColor
        state.mask = live.mask.map(LiveMasks.name(of:)) ?? ""
        let isListed = ModelLibrary.standard.listModels().contains { $0.name == style.value }
        let styles = try LiveStyles(adding: isListed ? nil : style.value) { training, style in
            guard let facts = PaintingFacts(training: training, style: style) else { return nil }
            return [facts.title, facts.painter].compactMap(\.self).joined(separator: ", ")
        }
        return (state, styles)
    }

    /// Shows how it goes until the end.
    private func play(_ painting: LivePipeline, _ line: StatusLine, _ pages: [String], isAwaited: Bool) throws {
        let start = Terminal.now
        func isOver() -> Bool {
            Interrupt.received != nil || live.duration.map { Terminal.now - start >= $0 } ?? false
        }
        var facts: LivePipeline.Facts?
        while facts == nil, !isOver() {
            facts = try painting.facts(within: 0.1)
            guard facts != nil || isAwaited || Terminal.now - start < Self.patience else {
                throw MediaError("no picture was painted in \(Int(Self.patience)) seconds")
            }
        }
        if let facts { line.begin(facts, pages: pages) }
        while !isOver() {
            usleep(50_000)
            line.show(painting.statistics)
        }
    }

    /// The clip of the checkout that the program was built in, or of the installation.
    private static var bundledClip: String? {
        let name = "cockatoo.mp4"
        var folder = InstalledFiles.folders("media").first?.split(separator: "/").dropLast() ?? []
        while !folder.isEmpty {
            let path = "/\(folder.joined(separator: "/"))/Examples/media/\(name)"
            if Files.exists(path) { return path }
            folder.removeLast()
        }
        return InstalledFiles.folders("media").map { "\($0)/\(name)" }.first(where: Files.exists)
    }
}

@Sendable private func quality(parsing text: String) throws -> Quality {
    guard let quality = Quality(rawValue: text) else {
        throw ValidationError("allowed values are \(Quality.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return quality
}
