import ArgumentParser
import Glibc
import Imaging
import MediaIO
import Support

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a GStreamer pipeline from a text file.",
        discussion: """
            PIPELINE is a file such as those in Pipelines/, or the name of an installed one. Placeholders ${key} and \
            ${key=default} are replaced by the arguments. Ctrl-C sends end-of-stream, so that output files are \
            complete; that may take some seconds, and a second Ctrl-C ends the program at once. SIGTERM leaves the \
            pipeline one second for it; after that output files are not complete.
            """)

    @Argument(help: "A pipeline file, or the name of an installed pipeline.")
    var pipeline: String

    @Argument(help: "key=value for each placeholder.")
    var values: [String] = []

    @Flag(help: "Print the pipeline for gst-launch-1.0, with placeholders replaced, instead of running it.")
    var print = false

    func validate() throws {
        for value in values where !value.dropFirst().contains("=") {
            throw ValidationError("“\(value)” is not of the form key=value")
        }
    }

    func run() throws {
        try Pentimento.startElements()
        let file = try PipelineFile(contentsOf: located)
        var filled: [String: String] = [:]
        for value in values {
            let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            filled[String(parts[0])] = String(parts[1])
        }
        let text = try file.filled(with: filled)
        if print {
            Terminal.write(text, to: .output)
            return
        }
        let running = try Pipeline(parsing: text, input: pipeline)
        running.onWarning = { Terminal.write("pentimento: \($0)", to: .error) }
        Interrupt.listen(patiently: true)
        var pollsLeft: Int?
        try running.run {
            guard Interrupt.received != nil else { return .goOn }
            if let left = pollsLeft {
                pollsLeft = left - 1
                if left > 0 { return .goOn }
                Interrupt.cancel()
                return .cancel
            }
            // A person at the terminal can press Ctrl-C again; SIGTERM promises an end within two seconds.
            pollsLeft = Interrupt.received == SIGINT ? Self.pollsAfterInterrupt : 12
            running.endStream()
            return .goOn
        }
    }

    /// Half a minute for encoders to finish, at ten polls per second.
    private static let pollsAfterInterrupt = 300

    /// The path of the pipeline file, searched among the installed pipelines if it is a name.
    private var located: String {
        if pipeline.contains("/") || Files.exists(pipeline) { return pipeline }
        let name = pipeline.hasSuffix(".gst") ? pipeline : pipeline + ".gst"
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return pipeline }
        let program = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let prefix = program.split(separator: "/").dropLast(2).joined(separator: "/")
        let installed = "/\(prefix)/share/pentimento/pipelines/\(name)"
        return Files.exists(installed) ? installed : pipeline
    }
}
