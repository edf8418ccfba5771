import Conversions
import Glibc
import MediaIO
import Support

/// Records a stream before it is painted, and says so.
struct StreamRecording {
    private let source: NetworkSource
    private let options: ConversionOptions

    /// How far a recording is, for programs.
    private struct Reading: Encodable {
        let recording: String
        let seconds: Double
        let megabytes: Double
    }

    init(_ source: NetworkSource, _ options: ConversionOptions) {
        self.source = source
        self.options = options
    }

    /// Records until the sender ends the stream, all that is asked for is there, or a signal comes.
    ///
    /// - Throws: if nothing was recorded, the file cannot be written, or the signal is SIGHUP.
    func run(into file: UnnamedFile) throws {
        let recorder = try StreamRecorder(
            source, to: file.path, seconds: options.duration.map { (options.start ?? 0) + $0 })
        say("recording \(source.address); Ctrl-C ends the recording, and painting begins")
        for note in recorder.notes { say("\(source.address): \(note)") }
        var display = ProgressDisplay(options.common.progress)
        defer { display.clear() }
        var reached = StreamRecorder.Progress()
        let end = try recorder.record { progress in
            reached = progress
            guard display.isDue() else { return }
            let reading = Reading(
                recording: source.address, seconds: progress.seconds, megabytes: Double(progress.bytes) / 1e6)
            let line = "recording: \(Self.amount(progress))"
            display.write(bar: line, line: line, json: reading)
        }
        display.clear()
        if end == .request {
            guard Interrupt.received != SIGHUP else {
                throw MediaError("\(source.address): interrupted while it was recorded")
            }
            Interrupt.settle()
        }
        say("recorded \(Self.amount(reached)) of \(source.address): \(Self.cause(end))")
    }

    private func say(_ text: String) { Terminal.write("pentimento: \(text)", to: .error) }

    /// Such as `12.5 s, 3.1 MB`.
    private static func amount(_ progress: StreamRecorder.Progress) -> String {
        "\(decimal(progress.seconds, 1)) s, \(decimal(Double(progress.bytes) / 1e6, 1)) MB"
    }

    private static func cause(_ end: StreamRecorder.End) -> String {
        switch end {
        case .sender(cause: nil): "the sender has ended it"
        case .sender(let cause?): "the connection ended (\(cause))"
        case .silence: "no data came for \(Int(NetworkSource.silenceLimit)) seconds"
        case .length: "that is all of --duration"
        case .request: "a signal ended the recording; another one ends the program"
        }
    }
}
