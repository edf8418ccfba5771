import Foundation
import MediaIO
import TestSupport
import Testing

/// The outcome of a program.
struct Outcome {
    let status: Int32
    let output: String
    let errors: String
}

/// Runs programs as child processes.
enum Program {
    /// The program that was built with the tests.
    static let pentimento: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (tests as NSString).deletingLastPathComponent + "/pentimento"
    }()

    private static var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["PENTIMENTO_MODEL_PATH"] = "\(TestData.repository)/Plugins/GstPentimento/Models"
        environment["GST_PLUGIN_PATH"] = nil
        return environment
    }

    /// Starts a program in the root of the checkout.
    static func start(_ program: String, _ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(program, arguments, environment: environment, folder: TestData.repository)
    }

    /// Starts `pentimento`.
    static func start(_ arguments: [String]) throws -> ChildProcess { try start(pentimento, arguments) }

    static func run(_ program: String = pentimento, _ arguments: [String]) throws -> Outcome {
        let process = try start(program, arguments)
        let status: Int32 =
            switch process.wait() {
            case .exited(let code): code
            case .killed(let signal): 128 + signal
            case .hung: 128 + SIGKILL
            }
        return Outcome(
            status: status, output: String(decoding: process.output, as: UTF8.self), errors: process.errors)
    }

    /// Runs `pentimento`.
    static func run(_ arguments: String...) throws -> Outcome { try run(pentimento, arguments) }

    /// Runs ffprobe or ffmpeg, to check files with an independent program.
    static func peer(_ name: String, _ arguments: String...) throws -> String {
        let outcome = try run("/usr/bin/env", [name, "-v", "error"] + arguments)
        try #require(outcome.status == 0, "\(name) \(arguments): \(outcome.errors)")
        return outcome.output
    }
}

/// A temporary folder for a test, with functions to create clips and images in it.
final class Workshop {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/pentimento-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// The names of all files, including hidden ones.
    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

    /// Creates a clip of a moving ball with a tone.
    func makeClip(
        _ name: String = "clip.mp4", frames: Int = 12, size: (Int, Int) = (64, 48), sound: String? = "avenc_aac",
        muxer: String = "mp4mux"
    ) throws -> String {
        let tone = sound.map {
            "audiotestsrc num-buffers=\(frames * 10) samplesperbuffer=441 ! audio/x-raw,rate=44100 ! audioconvert ! \($0) ! mux."
        }
        try Pipeline(
            parsing: """
                videotestsrc pattern=ball num-buffers=\(frames) ! video/x-raw,format=I420,width=\(size.0),height=\(size.1),framerate=10/1 \
                ! x264enc speed-preset=ultrafast ! \(muxer) name=mux ! filesink location="\(path(name))" \(tone ?? "")
                """, input: name
        ).run()
        return path(name)
    }

    /// Creates an image sequence.
    func makeFrames(_ pattern: String = "frame_%03d.png", count: Int = 3, size: (Int, Int) = (40, 30)) throws -> String
    {
        try Pipeline(
            parsing: """
                videotestsrc pattern=smpte horizontal-speed=2 num-buffers=\(count) \
                ! video/x-raw,format=RGB,width=\(size.0),height=\(size.1) ! pngenc ! multifilesink index=1 location="\(path(pattern))"
                """, input: pattern
        ).run()
        return path(pattern)
    }

    static let bundledClip = "\(TestData.repository)/Examples/media/cockatoo.mp4"

    /// Width and height by ffprobe.
    static func size(of path: String) throws -> String {
        try Program.peer(
            "ffprobe", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0", path
        )
        .split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }

    /// Presentation times by ffprobe.
    static func times(of path: String) throws -> [String] {
        try Program.peer("ffprobe", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path)
            .split(whereSeparator: \.isNewline).map(String.init).sorted { (Double($0) ?? 0) < (Double($1) ?? 0) }
    }

    /// A digest of the encoded sound.
    static func soundDigest(of path: String) throws -> String {
        try Program.peer("ffmpeg", "-i", path, "-map", "0:a", "-c", "copy", "-f", "md5", "-")
    }

    /// A digest of each frame.
    static func frameDigests(of path: String) throws -> String {
        try Program.peer("ffmpeg", "-i", path, "-map", "0:v", "-f", "framemd5", "-")
            .split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    }
}
