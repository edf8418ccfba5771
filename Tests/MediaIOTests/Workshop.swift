import FoundationEssentials
import MediaIO
import TestSupport

/// A temporary folder for a test, with functions to create clips in it.
final class Workshop: Sendable {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/pentimento-media-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

    /// Creates a clip of a moving ball with a tone.
    func makeClip(
        _ name: String = "clip.mp4", frames: Int = 20, caps: String = "width=64,height=48,framerate=10/1",
        sound: Bool = true,
        encoder: String = "x264enc bframes=2 speed-preset=ultrafast", muxer: String = "mp4mux",
        filter: String = "identity"
    ) throws -> String {
        let tone =
            sound
            ? "audiotestsrc num-buffers=\(frames * 10) samplesperbuffer=441 ! audio/x-raw,rate=44100 ! avenc_aac ! mux."
            : ""
        try Pipeline(
            parsing: """
                videotestsrc pattern=ball num-buffers=\(frames) ! video/x-raw,\(caps) ! videoconvert ! video/x-raw,format=I420 ! \(filter) ! \(encoder) \
                ! \(muxer) name=mux ! filesink location="\(path(name))" \(tone)
                """, input: name
        ).run()
        return path(name)
    }

    static var bundledClip: String { "\(TestData.repository)/Examples/media/cockatoo.mp4" }
}
