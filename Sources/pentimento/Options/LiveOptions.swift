import ArgumentParser
import Glibc
import GstPentimento
import Imaging
import LivePipeline
import MediaIO
import Support

/// What a live painting is made of and where it goes.
struct LiveOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A camera (/dev/video0), a file (looped), rtsp://, srt:// or rtmp://, screen, or test (a pattern). "
                + "(default: the first camera, else a clip)"))
    var input: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "window, /dev/videoN (v4l2loopback), rtmp://, srt://, rtp://HOST:PORT, or a file (.mkv, .mp4) to record; may "
                + "be repeated. (default: a window if there is a screen)"))
    var output: [String] = []

    @Option(help: "Size of the painting: 1280x720, or 1280x or x720 to keep the aspect ratio. (default: the input's)")
    var size: RequestedSize?

    @Option(help: "The most frames a second, 1 to 240. (default: as many as the input has)")
    var fps: Int?

    @Option(
        help: ArgumentHelp(
            "Sound of recordings and of rtmp:// and srt://: default, a device as PulseAudio or ALSA (hw:1) names it, or test "
                + "(a tone). (default: none)"))
    var microphone: String?

    @Option(help: ArgumentHelp("Where to paint: a picture that is white there, of any size.", valueName: "picture"))
    var mask: String?

    @Option(
        help: ArgumentHelp(
            "Folder of pictures that can be chosen as masks while it plays. (default: "
                + "~/.local/share/pentimento/masks)", valueName: "folder"))
    var masks: String?

    @Option(help: "Folder of recordings and snapshots that are asked for while it plays.")
    var folder = "."

    @Option(help: "End after so many seconds. (default: with Ctrl-C)")
    var duration: Double?

    func validate() throws {
        if let fps, !(1...240).contains(fps) { throw ValidationError("--fps is 1 to 240, not \(fps)") }
        if let duration, !(duration > 0 && duration < 1e9) {
            throw ValidationError("--duration is more than 0 seconds")
        }
        for (index, output) in output.enumerated() where self.output[..<index].contains(output) {
            throw ValidationError("\(output): is named twice")
        }
    }

    /// - Parameter clip: what is painted where there is no camera; nil: a test pattern.
    /// - Throws: if there is no such input or output.
    func settings(clip: @autoclosure () -> String?) throws -> LivePipeline.Settings {
        var settings = LivePipeline.Settings()
        settings.input = try input.map { text throws(MediaError) in try LiveInput(text) } ?? .standard(clip: clip())
        if settings.input == .screen, let problem = Screen.readingProblem { throw MediaError("screen: \(problem)") }
        settings.outputs = try output.map { text throws(MediaError) in try LiveOutput(text) }
        if output.isEmpty && Screen.windowElement != nil { settings.outputs = [.window] }
        for output in settings.outputs { try check(output) }
        if let mask { _ = try Image(contentsOf: mask) }
        if let masks, !Files.isFolder(masks) {
            throw MediaError("--masks: there is no folder \(masks); make it: mkdir -p \(masks)")
        }
        settings.masks = LiveMasks(folder: masks ?? LiveMasks.userFolder, adding: mask)
        if folder != "." { try checkFolder(folder, of: "--folder") }
        settings.wish = FrameWish(width: size?.width, height: size?.height, rate: fps)
        settings.sound = microphone.map(LiveSound.init)
        settings.folder = folder
        return settings
    }

    /// - Throws: if an output can never work.
    private func check(_ output: LiveOutput) throws {
        switch output {
        case .window: if let problem = Screen.windowProblem { throw MediaError("window: \(problem)") }
        case .file(let path):
            try checkFolder(
                path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : ".", of: path)
        default: break
        }
    }

    private func checkFolder(_ folder: String, of name: String) throws {
        let folder = folder.isEmpty ? "/" : folder
        guard Files.isFolder(folder) else {
            throw MediaError("\(name): there is no folder \(folder); make it: mkdir -p \(folder)")
        }
        guard access(folder, W_OK) == 0 else {
            throw MediaError("\(name): nothing can be written into the folder \(folder)")
        }
    }
}
