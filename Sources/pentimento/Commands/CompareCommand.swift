import ArgumentParser
import Conversions
import Evaluation
import Imaging
import MediaIO

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compares coherent and independent stylization of a clip.",
        discussion: """
            Stylizes the clip twice: each frame independently, and coherently. Draws frames of the original and both results in \
            one image, and prints frames per second, temporal error, and the time per element.
            """)

    @Argument(help: "A video, or a pattern of frames.")
    var input: String

    @Option(name: .shortAndLong, help: "The image to write (.png).")
    var output: String

    @OptionGroup var style: StyleOptions

    @Option(parsing: .unconditional, help: "Number of frames shown, one per column.")
    var columns = 4

    @Option(parsing: .unconditional, help: "Distance in frames between two columns.")
    var step = 1

    @Option(parsing: .unconditional, help: "Maximum number of frames to process; all are kept in memory.")
    var frames = 300

    @Flag(help: "Replace the image if it exists.")
    var force = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...12).contains(columns) else { throw ValidationError("--columns is 1 to 12, not \(columns)") }
        guard (1...10_000).contains(step) else { throw ValidationError("--step is 1 or more, not \(step)") }
        guard (2...100_000).contains(frames) else { throw ValidationError("--frames is 2 or more, not \(frames)") }
    }

    func run() throws {
        try Pentimento.startElements()
        let names = try style.names()
        let reserved = try ReservedOutputs([output], replacing: force)
        let media = try MediaInput(input)
        guard media.kind != .still else {
            throw MediaError(
                "\(input): is one picture; coherence is between frames. pentimento models try shows a picture in all styles"
            )
        }
        let original = try Interrupt.guarding { try take(FrameReader(media), "reading") }
        guard original.frames.count > 1 else {
            throw MediaError("\(input): has one frame; coherence is between frames")
        }
        let ways = try [true, false].map { perFrame in
            let reader = try FrameReader(media, filter: style.element(perFrame: perFrame))
            for (property, value) in names { reader.set(property, of: "stylizer", to: value) }
            let times = reader.measureTimes(of: StyleOptions.measured)
            let name = perFrame ? "each frame on its own" : "coherent"
            let taken = try Interrupt.guarding { try take(reader, name) }
            guard taken.frames.count == original.frames.count else {
                throw MediaError("\(input): \(taken.frames.count) of \(original.frames.count) frames came through")
            }
            let measured = times.times.filter { $0.buffers > 0 }.map {
                ElementTime(element: $0.element, millisecondsPerFrame: $0.seconds * 1000 / Double($0.buffers))
            }
            return (name: name, taken: taken, times: measured)
        }
        let reports = try temporalErrors(of: ways.map(\.taken.frames), original.frames)
        let rows = [("original", original.frames)] + ways.map { ($0.name, $0.taken.frames) }
        let sheet = try ContactSheet(rows: rows, columns: chosenFrames(of: original.frames.count)).drawn()
        reserved.release()
        try sheet.write(to: output, replacing: force)
        try report(
            zip(ways, reports).map { way, report in
                Way(
                    name: way.name, framesPerSecond: Double(way.taken.frames.count) / way.taken.seconds,
                    temporalError: report.mean, timeByElement: way.times)
            })
    }

    /// The frames to show, centred in the clip.
    private func chosenFrames(of count: Int) -> [Int] {
        let columns = min(columns, count)
        let step = min(step, max(1, (count - 1) / max(1, columns - 1)))
        let first = (count - 1 - (columns - 1) * step) / 2
        return (0..<columns).map { first + $0 * step }
    }

    private func take(_ reader: FrameReader, _ name: String) throws -> (frames: [SmallImage], seconds: Double) {
        var taken: [SmallImage] = []
        let began = Terminal.now
        var bar = ProgressBar(total: min(frames, reader.input.frameCount ?? frames))
        defer { bar.clear() }
        while taken.count < frames, let frame = try reader.next() {
            taken.append(SmallImage(frame.image))
            bar.show(taken.count)
            if Interrupt.received != nil { throw MediaError("interrupted; \(output) was not written") }
        }
        return (taken, Terminal.now - began)
    }

    private func temporalErrors(of ways: [[SmallImage]], _ original: [SmallImage]) throws -> [TemporalReport] {
        var estimator = MotionEstimator(preset: .medium)
        var pairs = ways.map { _ in [TemporalReport.Pair]() }
        for index in original.indices {
            guard let motion = try estimator.motion(to: original[index].image) else { continue }
            for (way, frames) in ways.enumerated() {
                let error = temporalError(
                    of: frames[index - 1].image, against: frames[index].image, flow: motion.flow,
                    certainty: motion.certainty)
                pairs[way].append(.init(frame: index - 1, error: error))
            }
        }
        return pairs.map(TemporalReport.init(pairs:))
    }

    // MARK: Report

    private struct ElementTime: Encodable {
        let element: String
        let millisecondsPerFrame: Double
    }

    private struct Way: Encodable {
        let name: String
        let framesPerSecond: Double
        let temporalError: TemporalError
        let timeByElement: [ElementTime]
    }

    private func report(_ ways: [Way]) throws {
        if json {
            try printJSON(ways)
            return
        }
        let alone = ways[0].temporalError
        let head = [["", "frames/s", "temporal error", "ratio", "over all values", "ratio"]]
        let rows = ways.map { way in
            [
                way.name, decimal(way.framesPerSecond, 1),
                decimal(way.temporalError.overConsistentPixels, 6),
                decimal(way.temporalError.overConsistentPixels / alone.overConsistentPixels, 2),
                decimal(way.temporalError.overAllPixels, 6),
                decimal(way.temporalError.overAllPixels / alone.overAllPixels, 2),
            ]
        }
        Terminal.write(table(head + rows), to: .output)
        let elements = ways[1].timeByElement
        let whole = elements.reduce(0) { $0 + $1.millisecondsPerFrame }
        Terminal.write(
            "\n"
                + table(
                    [["coherent, by element", "ms/frame", ""]]
                        + elements.map {
                            [
                                $0.element, decimal($0.millisecondsPerFrame, 1),
                                decimal(100 * $0.millisecondsPerFrame / whole, 0) + " %",
                            ]
                        }), to: .output)
    }
}
