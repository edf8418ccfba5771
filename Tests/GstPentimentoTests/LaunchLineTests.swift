import CGStreamer
import FoundationEssentials
import TestSupport
import Testing

/// Every line for `gst-launch-1.0` in pages, doc comments and pipeline files runs, on three frames.
@Suite(.serialized) struct LaunchLineTests {
    /// What a machine without screen, camera and network lacks, and what is too long for a test, with its replacement.
    private static let replacements = [
        (#"autovideosink|v4l2sink device=\S+|filesink location=\S+|udpsink host=\S+ port=\d+"#, "fakesink"),
        (#"v4l2src device=\S+|v4l2src|videotestsrc( is-live=true|(?= ! videoconvert))"#, "videotestsrc num-buffers=3"),
        (#"udpsrc port=\d+ caps=\S+"#, "videotestsrc num-buffers=3 ! x264enc ! rtph264pay"),
        (#"location=(Examples/media/cockatoo|clip)\."#, "location=\(OptimizeFiles.folder)/clip."),
        (#"location=sphere\."#, "location=\(OptimizeFiles.folder)/sphere."),
        (#"face-size=640 overlap=64"#, "face-size=64 overlap=8"),
        (#"mask-location=background\.png"#, "mask-location=\(OptimizeFiles.painting)"),
        (
            #"style-images=painting\.jpg( iterations=100,50)?"#,
            "style-images=\(OptimizeFiles.painting) loss-network=\(OptimizeFiles.network) iterations=2"
        ),
        (#"state-location="#, "state-location=\(OptimizeFiles.folder)/"),
    ]

    /// Options of `gst-launch-1.0` itself.
    private static let options: Set<Substring> = ["gst-launch-1.0", "-m", "-v"]

    /// The clips and the image that lines read.
    private static let inputs = Result {
        let size = "width=64,height=48,framerate=25/1"
        for text in [
            "videotestsrc pattern=ball num-buffers=3 ! video/x-raw,\(size) ! x264enc ! mp4mux name=mux ! "
                + "filesink location=\(OptimizeFiles.folder)/clip.mp4 "
                + "audiotestsrc num-buffers=5 ! audioconvert ! avenc_aac ! mux.",
            "videotestsrc num-buffers=3 ! video/x-raw,width=512,height=256 ! x264enc ! mp4mux ! "
                + "filesink location=\(OptimizeFiles.folder)/sphere.mp4",
            "videotestsrc num-buffers=1 ! video/x-raw,width=512,height=256 ! jpegenc ! "
                + "filesink location=\(OptimizeFiles.folder)/sphere.jpg",
        ] {
            try TestPipeline(text).run()
        }
    }

    /// All lines, with the file that has them.
    private static let lines: [(file: String, text: String)] = {
        let files = ["Docs", "Plugins/GstPentimento", "Pipelines"].flatMap { folder in
            ((try? FileManager.default.subpathsOfDirectory(atPath: "\(TestData.repository)/\(folder)")) ?? [])
                .filter { [".md", ".swift", ".gst"].contains(where: $0.hasSuffix) }.map { "\(folder)/\($0)" }
        }
        return (["README.md"] + files.sorted()).flatMap { file in lines(of: file).map { (file, $0) } }
    }()

    /// The lines of a file without comment signs, continuation lines joined.
    private static func lines(of file: String) -> [String] {
        let path = "\(TestData.repository)/\(file)"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        var found: [String] = []
        var goesOn = false
        for line in text.split(separator: "\n") {
            let content = line.drop { " /#".contains($0) }
            guard goesOn || content.hasPrefix("gst-launch-1.0 ") else { continue }
            if !goesOn { found.append("") }
            goesOn = content.hasSuffix("\\")
            found[found.count - 1] += content.prefix { $0 != "\\" }
        }
        return found
    }

    @Test func linesAreFound() throws {
        #expect(Self.lines.count > 30)
        for (pattern, _) in Self.replacements {
            let regex = try Regex(pattern)
            #expect(Self.lines.contains { $0.text.contains(regex) }, "no line has \(pattern)")
        }
    }

    @Test(arguments: lines) func lineRuns(file: String, text: String) throws {
        try Self.inputs.get()
        let words = text.split(separator: " ").filter { !Self.options.contains($0) }.joined(separator: " ")
        let line = try Self.replacements.reduce(words) { try $0.replacing(Regex($1.0), with: $1.1) }
        let pipeline = try TestPipeline(line)
        pipeline.play()
        let end = pipeline.waitForMessage([GST_MESSAGE_EOS, GST_MESSAGE_ERROR], nanoseconds: 100_000_000_000)
        #expect(end?.type == GST_MESSAGE_EOS, "\(end?.text ?? "it does not end"): \(line)")
    }
}
