import ArgumentParser
import Conversions
import GStreamerKit
import GstPentimento
import MediaIO
import Shots
import Support

struct ShotsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shots",
        abstract: "Finds the shots of a film, so that several machines can paint it.",
        discussion: """
            The list has the cuts at which painting begins anew. `stylize`, `sphere` and `optimize` paint one shot with \
            --shots LIST --shot N, and `join` makes the film of all parts: frame for frame what one run paints. Options that \
            change what the cuts depend on are given here as there.
            """)

    @Argument(help: "The film.")
    var film: String

    @Option(name: .shortAndLong, help: "The list to write, such as film.shots.json.")
    var output: String

    @OptionGroup(title: "Painting") var painting: CutOptions

    @Option(help: "Cut shots that last longer, such as 30s, into pieces, whose painting is approximate.")
    var longest: TimeSpan?

    @Option(
        parsing: .unconditional,
        help: "Frames before a piece that are painted with it and not written, for --longest. (default: 24)")
    var preroll: Int?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard longest == nil || longest?.seconds ?? 0 > 0 else { throw ValidationError("--longest is more than 0") }
        guard preroll == nil || longest != nil else { throw ValidationError("--preroll belongs to --longest") }
        if let preroll, !(0...10_000).contains(preroll) { throw ValidationError("--preroll is 0 to 10000") }
    }

    func run() throws {
        try Pentimento.startElements()
        Interrupt.listen()
        let input = try MediaInput(film)
        let reserved = try WholeFile(output, replacing: common.force)
        let plan = try painting.plan(for: input)
        let began = Terminal.now
        let (times, cuts) = try scan(input, plan)
        let digest = try FilmCheck.read(input.path)
        let facts = ShotList.Film(
            file: input.path.split(separator: "/").last.map(String.init) ?? input.path, bytes: digest.bytes,
            sha256: digest.sha256, width: input.width, height: input.height, frames: times.count)
        var list = ShotList(
            film: facts, detector: plan.detector, times: times.map { ($0.time, $0.duration) }, cuts: cuts)
        if let longest { list.cut(longest: longest.seconds, preroll: preroll ?? 24, times: times.map(\.time)) }
        if let problem = list.problem { throw ShotFailure(.decoding, "\(film): \(problem)") }
        try reserved.write(Array(list.text.utf8))
        try reserved.commit()
        if common.json {
            Terminal.write(raw: list.text, to: .output)
        } else {
            Terminal.write(table(list, seconds: Terminal.now - began), to: .output)
        }
    }

    private func scan(_ input: MediaInput, _ plan: CutOptions.Plan) throws -> (times: [FrameScan.Frame], cuts: Set<Int>)
    {
        let scan = try FrameScan(input, filter: plan.elements, settings: plan.settings)
        var cuts: Set<Int> = []
        scan.onMessage(OpticalFlow.cutMessage) { message in
            if let frame = message.integer("frame") { cuts.insert(frame) }
        }
        let times = try common.showingProgress(total: input.frameCount) { try scan.run(poll: $0) }
        if let note = scan.note { Terminal.write("pentimento: \(note)", to: .error) }
        return (times, cuts)
    }

    private func table(_ list: ShotList, seconds: Double) -> String {
        func columns(_ texts: [String]) -> String {
            texts.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }.joined()
        }
        let rows = list.shots.map { shot in
            columns(["\(shot.shot)", "\(shot.first)", "\(shot.frames)", decimal(shot.start, 3), decimal(shot.end, 3)])
                + (shot.preroll > 0 ? "  approximate, after \(shot.preroll) frames of preroll" : "")
        }
        let count = list.shots.count == 1 ? "1 shot" : "\(list.shots.count) shots"
        return
            ([columns(["shot", "first", "frames", "start", "end"])] + rows + [
                "\(output): \(count), \(list.film.frames) frames, in \(decimal(seconds, 1)) s"
            ]).joined(separator: "\n")
    }
}
