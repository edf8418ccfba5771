import CGStreamer
import GStreamerKit
import Imaging
import MediaIO

/// A part of a painting that has a pipeline of its own.
protocol LivePart: Sendable {
    /// In messages.
    var name: String { get }
    /// Whether it is tried again after an error.
    func retries(after failure: any Error) -> Bool
    /// Whether an error is that of the whole painting, which says it.
    var endsAll: Bool { get }
    /// Whether a stream that ends is completed by its elements, as in a file.
    var isCompleted: Bool { get }
    /// What comes through, so that it is noticed when nothing does.
    var flow: FlowCount { get }
    /// Seconds for which it has to go well to count as well: some connections fail only after the first frames.
    var settling: Double { get }
    /// Seconds without anything that count as an error; nil: any.
    func patience(hasFlowed: Bool) -> Double?
    /// Builds the pipeline. May wait until it is known of what.
    func build() throws -> Pipeline
    /// Has it play.
    func start(_ pipeline: Pipeline) throws
    /// Called several times a second; its error ends the pipeline.
    func check() throws
    /// What is done at the end of the stream.
    ///
    /// - Throws: if that is not as it should be.
    func ended(_ pipeline: Pipeline) throws
    /// Lets its threads go on that wait for frames, until it is built anew.
    func release()
    /// As ``release()``, for good.
    func stop()
    /// Called when the pipeline is taken down, and a failure has been said.
    func finish(_ failure: (any Error)?)
}

extension LivePart {
    func retries(after failure: any Error) -> Bool { true }
    var endsAll: Bool { false }
    var isCompleted: Bool { false }
    var settling: Double { 0 }
    func start(_ pipeline: Pipeline) throws { try pipeline.start() }
    func check() throws {}
    func ended(_ pipeline: Pipeline) throws { throw MediaError("\(name): has ended") }
    func release() {}
    func stop() {}
    func finish(_ failure: (any Error)?) {}
}

/// Keeps the pipeline of a part running, on a thread of its own: one that fails is taken down, and built anew after a
/// pause that grows.
final class PipelineKeeper: Sendable {
    private struct State {
        var isStopping = false
        /// Whether no thread runs: before the start, and after the end.
        var isOver = true
    }

    private static let pauses = (shortest: 0.25, longest: 8.0)
    /// Seconds in which elements complete what they write.
    private static let completion = 10.0

    private let part: any LivePart
    private let reports: LiveReports
    private let state = Monitor(State())

    init(_ part: any LivePart, _ reports: LiveReports) {
        (self.part, self.reports) = (part, reports)
    }

    func start() throws(MediaError) {
        state.update { $0.isOver = false }
        do { try LiveThread.start("live") { self.run() } } catch {
            state.update { $0.isOver = true }
            throw error
        }
    }

    /// Asks for the end; does not wait for it.
    func stop() {
        state.update { $0.isStopping = true }
        part.stop()
    }

    /// Waits until the pipeline is taken down; false if that takes too long.
    @discardableResult func join(seconds: Double = 12) -> Bool {
        state.wait(microseconds: Int64(seconds * 1e6)) { $0.isOver ? true : nil } ?? false
    }

    private var isStopping: Bool { state.update { $0.isStopping } }

    private func run() {
        defer { state.update { $0.isOver = true } }
        var pause = Self.pauses.shortest
        while !isStopping {
            var (failure, isSettled): ((any Error)?, Bool) = (nil, false)
            do {
                try play(&isSettled)
            } catch {
                failure = error
            }
            if isSettled { pause = Self.pauses.shortest }
            guard let failure, !isStopping else {
                part.finish(nil)
                break
            }
            let retries = part.retries(after: failure)
            if !part.endsAll { reports.failed(part.name, "\(failure)", retries: retries) }
            part.finish(failure)
            guard retries else { return }
            _ = state.wait(microseconds: Int64(pause * 1e6)) { $0.isStopping ? true : nil }
            pause = min(2 * pause, Self.pauses.longest)
        }
        reports.forget(part.name)
    }

    /// Plays one pipeline until it ends or an error comes.
    ///
    /// - Parameter isSettled: whether it went well.
    private func play(_ isSettled: inout Bool) throws {
        let pipeline = try part.build()
        var warnings: Set<String> = []
        pipeline.onWarning = { text in
            if warnings.insert(text).inserted { self.reports.note("\(self.part.name): \(text)") }
        }
        gst_pipeline_use_clock(pipeline.element.of(GstPipeline.self), Self.clock)
        defer {
            part.release()
            // Connections that hang must not hold up the rest.
            let isLate = Cancellation()
            isLate.request()
            isLate.follow { pipeline.stop() }
        }
        try part.start(pipeline)
        var (seen, hasFlowed) = (part.flow.value, false)
        var first = clockTime()
        var since = clockTime()
        while !isStopping {
            if try !pipeline.step(timeout: UInt(50 * GstClockTime.millisecond)) { try part.ended(pipeline) }
            try part.check()
            let count = part.flow.value
            if count != seen {
                (seen, since) = (count, clockTime())
                if !hasFlowed { (hasFlowed, first) = (true, since) }
                if !isSettled, since.seconds(since: first) >= part.settling {
                    isSettled = true
                    reports.recovered(part.name)
                }
            } else if let limit = part.patience(hasFlowed: hasFlowed), clockTime().seconds(since: since) > limit {
                throw MediaError(
                    hasFlowed ? "\(part.name): stalled" : "\(part.name): nothing came for \(Int(limit)) seconds")
            }
        }
        if part.isCompleted { try complete(pipeline) }
    }

    private func complete(_ pipeline: Pipeline) throws {
        part.release()
        pipeline.endStream()
        let start = clockTime()
        while clockTime().seconds(since: start) < Self.completion,
            try pipeline.step(timeout: UInt(100 * GstClockTime.millisecond))
        {}
    }

    /// One for all pipelines, so that times of one mean the same in another.
    nonisolated(unsafe) private static let clock = gst_system_clock_obtain()
}
