import Foundation
import LivePipeline
import MediaIO
import Studio
import Synchronization
import TestSupport
import Testing

@Suite struct OutputTests {
    @Test(arguments: [
        ("window", "the window"), ("rtmp://host/live/key", "rtmp://host/live/key"),
        ("srt://host:7000", "srt://host:7000"),
        ("rtp://127.0.0.1:5004", "rtp://127.0.0.1:5004"), ("a film.mkv", "a film.mkv"), ("b.mp4", "b.mp4"),
    ])
    func outputsAreKnownByTheirNames(text: String, name: String) throws { #expect(try LiveOutput(text).name == name) }

    @Test(arguments: [
        ("/dev/video99", "no such output device"), ("rtp://host", "with a port"), ("rtp://host:99999", "with a port"),
        ("clip.avi", "no such kind"), ("http://host/", "no such kind"),
    ])
    func whatIsNoOutputIsRefused(text: String, words: String) {
        let error = #expect(throws: MediaError.self) { try LiveOutput(text) }
        #expect(error?.description.contains(words) == true)
    }

    /// One output fails again and again, one stalls: a third goes on.
    @Test func anOutputThatFailsOrStallsHoldsUpNoOther() async throws {
        let play = try Play { settings in
            settings.outputs = [
                .elements("videoconvert ! identity error-after=8 ! fakesink name=sink sync=false", name: "failing"),
                .elements(
                    "videoconvert ! identity sleep-time=3600000000 ! fakesink name=sink sync=false", name: "stalling"),
                .file(settings.folder + "/clip.mkv"),
            ]
        }
        try await play.wait(for: "failing: is back")
        for _ in 0..<30 { _ = try await play.frame() }
        try await play.wait(for: "stalling: nothing came")
        // Said once, and again only when it was well in between.
        let failures = play.lines.count { $0.hasPrefix("failing:") && $0.contains("trying again") }
        #expect(failures <= 1 + play.lines.count { $0 == "failing: is back" })
        #expect(play.painting.statistics.trouble.contains("stalling"))
        play.painting.stop()
        let frames = Int(try Play.facts(of: play.folder.path("clip.mkv"))["nb_read_frames"] ?? "") ?? 0
        #expect(frames >= 30)
    }

    /// A recording that fails is over: that is said before what there is of it, shown for a while, and a new one begins
    /// when it is asked for.
    @Test func aRecordingThatFailsIsOver() async throws {
        let play = try Play { $0.folder += "/there" }
        let hasFailed = Mutex(0)
        play.painting.onFailedRecording { hasFailed.withLock { $0 += 1 } }
        var state = StudioState()
        state.isRecording = true
        play.painting.apply(state)
        for _ in 0..<500 where hasFailed.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(hasFailed.withLock { $0 } == 1)
        #expect(play.painting.statistics.trouble.contains("there/pentimento.mkv"))
        state.isRecording = false
        play.painting.apply(state)
        try FileManager.default.createDirectory(atPath: play.folder.path("there"), withIntermediateDirectories: true)
        state.isRecording = true
        play.painting.apply(state)
        try await play.wait(for: "recording \(play.folder.path("there/pentimento.mkv"))")
        for _ in 0..<10 { _ = try? await play.frame() }
        #expect(play.painting.statistics.trouble.isEmpty)
        state.isRecording = false
        play.painting.apply(state)
        try await play.wait(for: "recorded \(play.folder.path("there/pentimento.mkv"))")
        #expect(!play.lines.contains { $0.contains("is back") })
    }

    /// A recording begins and ends as the state says; nothing is replaced.
    @Test(arguments: [false, true])
    func recordingsAreWhole(withSound: Bool) async throws {
        let play = try Play { if withSound { $0.sound = LiveSound("test") } }
        var state = StudioState()
        for name in ["pentimento.mkv", "pentimento-2.mkv"] {
            state.isRecording = true
            play.painting.apply(state)
            try await play.wait(for: "recording \(play.folder.path(name))")
            for _ in 0..<15 { _ = try await play.frame() }
            // Until it is whole, it has another name.
            #expect(!FileManager.default.fileExists(atPath: play.folder.path(name)))
            state.isRecording = false
            play.painting.apply(state)
            try await play.wait(for: "recorded \(play.folder.path(name))")
            let facts = try Play.facts(of: play.folder.path(name))
            #expect(facts["codec_name"] == "h264" && facts["width"] == "64")
            #expect(Int(facts["nb_read_frames"] ?? "") ?? 0 >= 10)
            let sound = try Peer.text(
                "ffprobe", "-select_streams a -show_entries stream=codec_name -of csv=p=0", [play.folder.path(name)])
            #expect(sound.contains("opus") == withSound)
        }
        #expect(!FileManager.default.fileExists(atPath: play.folder.path("pentimento.part.mkv")))
    }
}
