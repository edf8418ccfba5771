import LivePipeline
import MediaIO
import Studio
import TestSupport
import Testing

@Suite struct InputTests {
    /// What cameras give: JPEG only, YUY2, odd sizes, few frames.
    @Test(arguments: [
        ("\(Play.camera(format: "I420")) ! jpegenc", "64x48"),
        (Play.camera(format: "YUY2"), "64x48"),
        (Play.camera(format: "YUY2", size: "width=65,height=47"), "65x47"),
        ("\(Play.camera(format: "I420", size: "width=63,height=49")) ! jpegenc", "63x49"),
        (Play.camera(format: "GRAY8"), "64x48"),
    ])
    func camerasOfAllKindsArePainted(elements: String, size: String) async throws {
        let play = try Play(elements) { $0.outputs = [.elements("videoconvert ! fakesink name=sink", name: "sink")] }
        let facts = try #require(try play.painting.facts(within: 1))
        #expect("\(facts.width)x\(facts.height)" == size)
        #expect(facts.frameRate == 25)
        #expect(try await play.frame().count == facts.width * facts.height * 3)
    }

    @Test(arguments: [
        (FrameWish(width: 32, height: 24), "32x24"), (FrameWish(width: 32), "32x24"), (FrameWish(height: 24), "32x24"),
    ])
    func theSizeIsAsAskedFor(wish: FrameWish, size: String) throws {
        let play = try Play { $0.wish = wish }
        let facts = try #require(try play.painting.facts(within: 1))
        #expect("\(facts.width)x\(facts.height)" == size)
    }

    /// A camera that is unplugged: the last picture stays, also for those who come then, and it comes back.
    @Test func anInputThatGoesAwayComesBack() async throws {
        let play = try Play(Play.camera("ball", more: "num-buffers=12"))
        try await play.wait(for: "camera: has ended; trying again")
        #expect(try await play.frame().count == 64 * 48 * 3)
        var count = 0
        for await _ in play.painting.previews(width: 64, rate: 30) {
            count += 1
            if count == 3 { break }
        }
        try await play.wait(for: "camera: is back")
        // Said once each time, however often it is tried.
        #expect(play.lines.count { $0.contains("has ended") } <= play.lines.count { $0.contains("is back") } + 1)
    }

    /// It comes back in the size that outputs have begun with.
    @Test func anotherSizeIsMadeTheFirst() async throws {
        let folder = try TemporaryFolder()
        for (name, size) in [("a", "width=64,height=48"), ("b", "width=48,height=64")] {
            try Pipeline(
                parsing: "videotestsrc num-buffers=10 ! video/x-raw,format=I420,\(size),framerate=25/1 ! jpegenc "
                    + "! avimux ! filesink location=\"\(folder.path(name)).avi\"", input: name
            ).run()
        }
        let (a, b) = (folder.path("a.avi"), folder.path("b.avi"))
        let play = try Play(
            "filesrc location=\(a) ! avidemux ! jpegdec ! c. filesrc location=\(b) ! avidemux ! jpegdec ! c. "
                + "concat name=c ! identity sync=true")
        try await play.wait(for: "is back")
        #expect(try await play.frame().count == 64 * 48 * 3)
    }

    /// A film is looped: more frames are painted than it has.
    @Test func aFileIsLooped() async throws {
        let folder = try TemporaryFolder()
        let clip = folder.path("a clip.mp4")
        try Pipeline(
            parsing:
                "videotestsrc pattern=ball num-buffers=10 ! video/x-raw,format=I420,width=64,height=48,framerate=25/1 "
                + "! x264enc ! mp4mux ! filesink location=\"\(clip)\"", input: "clip"
        ).run()
        let play = try Play { settings in settings.input = .file(clip) }
        for _ in 0..<35 { _ = try await play.frame() }
        #expect(play.painting.statistics.trouble.isEmpty)
        #expect(play.lines.isEmpty, "\(play.lines)")
    }

    @Test(arguments: [
        ("/dev/video99", "no such camera"), ("/no/such/film.mp4", "no such file"), ("gopher://host/", "no such kind"),
        ("/tmp", "is a folder"),
    ])
    func whatIsNoInputIsRefused(text: String, words: String) {
        let error = #expect(throws: MediaError.self) { try LiveInput(text) }
        #expect(error?.description.contains(words) == true)
    }
}
