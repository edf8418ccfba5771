import ArgumentParser
import Conversions
import Imaging
import MediaIO
import Support

struct SurveyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "survey",
        abstract: "Makes a web page that asks which of two stylized versions of a clip is better.",
        discussion: """
            The page is a single file that includes the clips and works without a server. Clips come in random order, the two \
            versions on random sides. Each is asked the three questions of the paper's user study (7.4): which is closer to the \
            painting, which flickers less, which looks better. The answers are saved as a CSV file, in which the versions are \
            called a and b.
            """)

    @Option(help: "A clip in version a: a video (.mp4, .webm) or a folder of frames; may be repeated.")
    var a: [String]

    @Option(help: "The same clip in version b; as many as of version a, in the same order.")
    var b: [String]

    @Option(help: "The painting, shown above the clips (.jpg, .png).")
    var styleImage: String?

    @Option(help: "A picture of the original clip, shown above the clips (.jpg, .png).")
    var original: String?

    @Option(help: "Frames per second of folders.")
    var frameRate = 24

    @Option(name: .shortAndLong, help: "The page to write (.html).")
    var output: String

    @Flag(help: "Replace the output if it exists.")
    var force = false

    func validate() throws {
        guard a.count == b.count else {
            throw ValidationError("--a names \(a.count) clips, --b \(b.count); each clip needs both versions")
        }
        guard 1...240 ~= frameRate else { throw ValidationError("--frame-rate is 1 to 240, not \(frameRate)") }
    }

    func run() throws {
        startGStreamer()
        let reserved = try ReservedOutputs([output], replacing: force)
        let shown = try [("painting", styleImage), ("original", original)].compactMap { name, path in
            try path.map { try WebPage.element(holding: $0, data: [("shown", name)]) }
        }
        let clips = try zip(a, b).enumerated().flatMap { index, versions in
            try [("a", versions.0), ("b", versions.1)].map { version, path in
                try element(
                    holding: path, data: [("clip", "\(index + 1) \(fileName(of: a[index]))"), ("version", version)])
            }
        }
        let page = WebPage.filled(
            PackageResources.Survey_html,
            [("{{title}}", "Two paintings of one clip"), ("{{media}}", (shown + clips).joined(separator: "\n"))])
        reserved.release()
        try WholeFile.write(page, to: output, replacing: force)
        Terminal.write("\(output): open it with a browser", to: .output)
    }

    /// The clip, or that of a folder's frames.
    private func element(holding path: String, data: [(name: String, value: String)]) throws -> String {
        guard Files.isFolder(path) else {
            let type = try WebPage.mediaType(of: path)
            guard type.hasPrefix("video/") else {
                throw MediaError("\(path): is a picture; a clip is .mp4, .webm or a folder")
            }
            return try WebPage.element(holding: path, data: data)
        }
        let folder = try PrivateFolder()
        let video = "\(folder.path)/clip.webm"
        try write(EvaluatedFrames(path), to: video)
        return try WebPage.element(holding: video, data: data)
    }

    private func write(_ frames: EvaluatedFrames, to video: String) throws {
        guard let first = try frames.frame(0) else { throw MediaError("\(frames.path): has no pictures") }
        let clip = try ClipWriter(video, width: first.width, height: first.height, frameRate: frameRate, quality: 95)
        try Interrupt.guarding {
            var next: Image? = first
            var index = 0
            while let frame = next {
                guard frame.width == first.width, frame.height == first.height else {
                    throw MediaError("\(frames.path): picture \(index + 1) has another size than the first")
                }
                try clip.append(frame)
                try Cancellation.check()
                index += 1
                next = try frames.frame(index)
            }
            try clip.finish()
        }
    }
}
