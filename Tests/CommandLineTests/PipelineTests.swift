import Foundation
import TestSupport
import Testing

/// Runs every file in Pipelines/, with cameras, windows and network elements replaced.
@Suite struct PipelineTests {
    private func run(_ name: String, _ values: String...) throws -> Outcome {
        try Program.run(Program.pentimento, ["run", "Pipelines/\(name).gst"] + values)
    }

    @Test func everyPipelineIsTested() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(TestData.repository)/Pipelines")
        #expect(
            files.sorted() == [
                "file-to-file.gst", "flow-drawn.gst", "live-overload.gst", "optimize-clip.gst", "rtp-in-out.gst",
                "side-by-side.gst", "sphere-faces.gst", "sphere.gst", "virtual-background.gst",
                "webcam-to-virtual-camera.gst", "webcam-to-window.gst",
            ])
    }

    @Test func fileToFile() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip()
        let outcome = try run(
            "file-to-file", "input=\(clip)", "output=\(shop.path("with space \" quote.mp4"))", "strength=0.5")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("with space \" quote.mp4")).count == 12)
        #expect(try Workshop.soundDigest(of: shop.path("with space \" quote.mp4")) == Workshop.soundDigest(of: clip))
        let silent = try shop.makeClip("silent.mp4", sound: nil)
        let refused = try run("file-to-file", "input=\(silent)", "output=\(shop.path("no.mp4"))")
        #expect(refused.status == 1)
        #expect(!refused.errors.isEmpty)
    }

    @Test func sphere() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3, size: (128, 64))
        let outcome = try run("sphere", "input=\(clip)", "output=\(shop.path("out.mp4"))", "overlap=4")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == 3)
        #expect(try Workshop.size(of: shop.path("out.mp4")) == "128,64")
        #expect(try Workshop.soundDigest(of: shop.path("out.mp4")) == Workshop.soundDigest(of: clip))
        let flat = try shop.makeClip("flat.mp4", frames: 2, size: (80, 48))
        let refused = try run("sphere", "input=\(flat)", "output=\(shop.path("no.mp4"))")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("80x48"))
    }

    @Test(arguments: ["webcam-to-window", "webcam-to-virtual-camera"])
    func cameras(name: String) throws {
        let shop = try Workshop()
        let outcome = try run(
            name, "source=videotestsrc num-buffers=6 ! video/x-raw,framerate=10/1", "width=64", "height=36",
            "sink=filesink location=\(shop.path("raw"))")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let bytes = try #require(FileManager.default.contents(atPath: shop.path("raw"))).count
        #expect(bytes > 0 && bytes % (64 * 36) == 0)
        let missing = try run("webcam-to-virtual-camera", "camera=/dev/video99", "sink=fakesink")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("/dev/video99"))
    }

    /// The ball stays white on its way over the painted background.
    @Test func virtualBackground() throws {
        let shop = try Workshop()
        let size = (width: 64, height: 48)
        let outcome = try run(
            "virtual-background",
            "source=videotestsrc pattern=ball background-color=0xff00ff00 num-buffers=4 ! video/x-raw,width=64,height=48,framerate=10/1",
            "background=videotestsrc pattern=blue num-buffers=4 ! video/x-raw,framerate=10/1", "rate=10", "feather=0",
            "width=\(size.width)", "height=\(size.height)",
            "sink=video/x-raw,format=RGB ! filesink location=\(shop.path("raw"))")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let bytes = try #require(FileManager.default.contents(atPath: shop.path("raw")))
        let frame = size.width * size.height * 3
        try #require(!bytes.isEmpty && bytes.count % frame == 0)
        // The last frame: this source is not live, so that the first ones may be dropped.
        let pixels = stride(from: bytes.count - frame, to: bytes.count, by: 3).map { bytes[$0..<$0 + 3].map(Int.init) }
        let white = pixels.filter { $0.allSatisfy { $0 > 245 } }.count
        // The ball's radius is 20 pixels.
        #expect(white > 900 && white < 1400, "\(white)")
        #expect(pixels.count { $0[2] > 240 && $0[0] < 10 } < 100, "the background is not painted")
    }

    @Test func rtp() throws {
        let shop = try Workshop()
        let outcome = try run(
            "rtp-in-out",
            "source=videotestsrc num-buffers=10 ! video/x-raw,width=64,height=48,framerate=20/1 ! x264enc tune=zerolatency ! rtph264pay config-interval=1",
            "sink=rtph264depay ! h264parse ! matroskamux ! filesink location=\(shop.path("out.mkv"))")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.size(of: shop.path("out.mkv")) == "64,48")
    }

    @Test func sideBySideAndFlow() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip()
        let both = try run("side-by-side", "input=\(clip)", "output=\(shop.path("both.mp4"))", "width=64", "height=48")
        #expect(both.status == 0, "\(both.errors)")
        #expect(try Workshop.size(of: shop.path("both.mp4")) == "128,48")
        #expect(try Workshop.times(of: shop.path("both.mp4")).count == 12)
        for draw in ["flow", "certainty"] {
            let drawn = try run("flow-drawn", "input=\(clip)", "draw=\(draw)", "output=\(shop.path("\(draw).mp4"))")
            #expect(drawn.status == 0, "\(drawn.errors)")
            #expect(try Workshop.times(of: shop.path("\(draw).mp4")).count == 12)
        }
    }

    /// Faces on their own do not fit together, which is seen before they are joined.
    @Test func sphereFaces() throws {
        let shop = try Workshop()
        let panorama = try shop.makeFrames("pano_%d.png", count: 1, size: (128, 64)).replacing("%d", with: "1")
        let errors = try ["none", "blend"].map { borders in
            let faces = shop.path("\(borders).png")
            let outcome = try run(
                "sphere-faces", "input=\(panorama)", "output=\(faces)", "overlap=8", "borders=\(borders)")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let measured = try Program.run(
                "evaluate", "--sphere", "--faces", "--stylized", faces, "--overlap", "8", "--json", "-")
            #expect(measured.status == 0, "\(measured.errors)")
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(measured.output.utf8)) as? [String: Any])
            return try #require((report["mean"] as? [String: Double])?["cutEdges"])
        }
        #expect(errors[0] > 1.5 * errors[1], "\(errors)")
    }

    @Test func liveSourceFasterThanTheMachine() throws {
        let shop = try Workshop()
        let outcome = try run(
            "live-overload", "frames=60", "rate=60", "width=640", "height=360",
            "sink=video/x-raw,format=RGB ! filesink location=\(shop.path("raw"))")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let frames = try #require(FileManager.default.contents(atPath: shop.path("raw"))).count / (640 * 360 * 3)
        // At least one frame arrived, and no more than were sent.
        #expect(frames >= 2 && frames <= 60)
    }

    @Test func optimizeClip() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3)
        let painting = try shop.makeImage("painting.png", format: "RGB", size: (40, 30))
        let outcome = try Program.run(
            "/usr/bin/env",
            LossNetworkFolder.environment() + [
                Program.pentimento, "run", "Pipelines/optimize-clip.gst", "input=\(clip)", "painting=\(painting)",
                "output=\(shop.path("out.mp4"))", "width=48", "height=32", "iterations=2",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == 3)
        #expect(try Workshop.size(of: shop.path("out.mp4")) == "48,32")
    }

    @Test func keys() throws {
        let missing = try run("file-to-file", "input=a.mp4")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("say output=..."))
        #expect(missing.errors.contains("style=scream"))
        let unknown = try run("file-to-file", "input=a.mp4", "output=b.mp4", "stile=x")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("no key “stile”"))
        #expect(try Program.run("run", "none.gst").errors.contains("no such file"))
        let shop = try Workshop()
        try Data("videotestsrc ! nosuchelement ! fakesink".utf8).write(to: URL(fileURLWithPath: shop.path("wrong.gst")))
        let wrong = try Program.run("run", shop.path("wrong.gst"))
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("nosuchelement"))
        let printed = try Program.run("run", "Pipelines/webcam-to-window.gst", "--print", "sink=fakesink")
        #expect(printed.output.contains("v4l2src ! decodebin"))
        #expect(printed.output.hasSuffix("! fakesink\n"))
    }
}
