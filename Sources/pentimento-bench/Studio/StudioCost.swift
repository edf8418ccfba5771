import Glibc
import GstPentimento
import LivePipeline
import MediaIO
import Studio
import StudioServer
import Style

/// Measures what the studio's page costs the painting, and what a second style costs.
enum StudioCost {
    static let usage = "[WIDTHxHEIGHT [QUALITY [ROUNDS [SECONDS]]]] (640x360 live 7 5; medians of alternating runs)"

    /// What is measured in turn.
    private enum Part: String, CaseIterable {
        case never = "no page so far"
        case open = "a page is open"
        case closed = "the page is closed again"
        case blended = "blend 0.5 of two styles"
        case end = "blend 1 of two styles"
    }

    private struct Reading {
        var frameRate: Double
        /// Processor time of the whole process, in milliseconds a frame.
        var time: Double
        var pictureRate = 0.0
    }

    static func run(_ arguments: [String]) throws {
        let size = (arguments.first ?? "640x360").split(separator: "x").compactMap { Int($0) }
        let quality = Quality(rawValue: arguments.count > 1 ? arguments[1] : "live")
        let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 7
        let seconds = arguments.count > 3 ? Double(arguments[3]) ?? 0 : 5
        guard size.count == 2, let quality, rounds > 0, seconds > 0 else {
            throw BenchmarkError("usage: pentimento-bench studio-cost \(usage)")
        }
        var readings: [Part: [Reading]] = [:]
        for round in 1...rounds {
            for (part, reading) in try Self.round(size[0], size[1], quality, seconds) {
                readings[part, default: []].append(reading)
                print("\(round): \(part.rawValue): \(line(reading))")
            }
            fflush(nil)
        }
        for part in Part.allCases {
            guard let base = readings[.never], let values = readings[part] else { continue }
            func middle(_ value: (Reading) -> Double) -> Double { median(values.map(value)) }
            let reading = Reading(
                frameRate: middle(\.frameRate), time: middle(\.time), pictureRate: middle(\.pictureRate))
            // Of a machine that others use, rounds are slower or faster as a whole.
            func change(_ value: (Reading) -> Double) -> String {
                percent(median(zip(values, base).map { value($0) / value($1) }))
            }
            print("\(part.rawValue): \(line(reading)); frames \(change(\.frameRate)), time \(change(\.time))")
        }
    }

    /// All parts, of one painting. More frames come than can be painted.
    private static func round(_ width: Int, _ height: Int, _ quality: Quality, _ seconds: Double) throws
        -> [(Part, Reading)]
    {
        var settings = LivePipeline.Settings()
        settings.input = .elements(
            "videotestsrc is-live=true pattern=smpte horizontal-speed=3 "
                + "! video/x-raw,format=NV12,width=\(width),height=\(height),framerate=240/1", name: "camera")
        settings.quality = quality
        let painting = try LivePipeline(settings, styles: LiveStyles(), state: StudioState())
        let store = StudioStateStore(painting: painting)
        var configuration = StudioServer.Configuration()
        configuration.port = 0
        let server = try StudioServer(store: store, painting: painting, configuration: configuration)
        let serving = Task { await server.run() }
        defer {
            serving.cancel()
            painting.stop()
        }
        try painting.start()
        guard try painting.facts(within: 60) != nil else { throw BenchmarkError("no picture came") }
        usleep(2_000_000)
        var results: [(Part, Reading)] = []
        for part in Part.allCases {
            let page = part == .open ? try LoopbackPage(port: server.port) : nil
            if part == .blended || part == .end {
                var change = try StateChange(.secondStyle, .text("great-wave"))
                try change.set(.blend, to: .number(part == .end ? 1 : 0.5))
                try store.change(change)
            }
            // Until the change has been made, or the preview has been taken down.
            usleep(2_000_000)
            let pictures = page?.pictures ?? 0
            var reading = measure(painting, seconds)
            reading.pictureRate = Double((page?.pictures ?? 0) - pictures) / seconds
            page?.close()
            results.append((part, reading))
        }
        return results
    }

    private static func measure(_ painting: LivePipeline, _ seconds: Double) -> Reading {
        let (start, before, frames) = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID), painting.frameCount)
        usleep(UInt32(seconds * 1e6))
        let count = Double(max(1, painting.frameCount - frames))
        return Reading(
            frameRate: count / (now(CLOCK_MONOTONIC) - start),
            time: (now(CLOCK_PROCESS_CPUTIME_ID) - before) * 1000 / count)
    }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    private static func line(_ reading: Reading) -> String {
        func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
        let pictures = reading.pictureRate > 0 ? ", \(rounded(reading.pictureRate)) pictures/s" : ""
        return
            "\(rounded(reading.frameRate)) frames/s, \(rounded(reading.time)) ms of processor time a frame\(pictures)"
    }

    private static func percent(_ ratio: Double) -> String {
        let change = ((ratio - 1) * 1000).rounded() / 10
        return "\(change > 0 ? "+" : "")\(change) %"
    }
}
