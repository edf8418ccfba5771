import Flow
import Foundation
import Testing

@Suite struct StylizeCommandTests {
    @Test func clipKeepsTimestampsAndSound() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip()
        let outcome = try Program.run("stylize", clip, "-o", shop.path("out.mp4"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("12 frames"))
        #expect(outcome.errors.isEmpty)
        #expect(try Workshop.times(of: shop.path("out.mp4")) == Workshop.times(of: clip))
        #expect(try Workshop.soundDigest(of: shop.path("out.mp4")) == Workshop.soundDigest(of: clip))
        #expect(try Workshop.frameDigests(of: shop.path("out.mp4")) != Workshop.frameDigests(of: clip))
        #expect(shop.files == ["clip.mp4", "out.mp4"])
    }

    @Test func aWordIsThePaintingsQualityANumberTheEncoders() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(sound: nil)
        func digests(_ name: String, _ options: String...) throws -> String {
            let outcome = try Program.run(
                Program.pentimento, ["stylize", clip, "-o", shop.path(name)] + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try Workshop.frameDigests(of: shop.path(name))
        }
        let plain = try digests("plain.mkv")
        #expect(try digests("best.mkv", "--quality", "best", "--quality", "80") == plain)
        #expect(try digests("live.mkv", "--quality", "live") != plain)
        #expect(try digests("coarse.mkv", "--quality", "20") != plain)
        // What is set itself wins.
        let parts = ["--every", "1", "--brush", "1"]
        #expect(
            try digests("parts.mkv", "--quality", "live", "--flow", "medium", parts[0], parts[1], parts[2], parts[3])
                == plain)
    }

    @Test func variableFrameRateIsKept() throws {
        let shop = try Workshop()
        let clip = shop.path("varying.mp4")
        _ = try Program.peer(
            "ffmpeg", "-i", Workshop.bundledClip, "-t", "1", "-an", "-vf", "select='not(eq(mod(n,3),1))',scale=64:36",
            "-vsync", "vfr",
            clip)
        let times = try Workshop.times(of: clip)
        #expect(
            Set(zip(times, times.dropFirst()).map { ((Double($1) ?? 0) - (Double($0) ?? 0)).rounded(toPlaces: 2) }) == [
                0.05, 0.1,
            ])
        #expect(try Program.run("stylize", clip, "-o", shop.path("out.mp4")).status == 0)
        #expect(try Workshop.times(of: shop.path("out.mp4")) == times)
    }

    @Test func rotatedClipIsSetUpright() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(sound: nil)
        _ = try Program.peer("ffmpeg", "-i", clip, "-metadata:s:v", "rotate=90", "-c", "copy", shop.path("turned.mp4"))
        #expect(try Program.run("stylize", shop.path("turned.mp4"), "-o", shop.path("out.mp4")).status == 0)
        #expect(try Workshop.size(of: shop.path("out.mp4")) == "48,64")
        #expect(
            try Program.run("stylize", shop.path("turned.mp4"), "-o", shop.path("small.mp4"), "--size", "24x").status
                == 0)
        #expect(try Workshop.size(of: shop.path("small.mp4")) == "24,32")
    }

    @Test func unsupportedSoundIsReencoded() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip("clip.mkv", sound: "vorbisenc", muxer: "matroskamux")
        let outcome = try Program.run("stylize", clip, "-o", shop.path("out.mp4"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("encoded anew"))
        let codec = try Program.peer(
            "ffprobe", "-select_streams", "a", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
            shop.path("out.mp4"))
        #expect(codec.hasPrefix("aac"))
        #expect(try Program.run("stylize", clip, "-o", shop.path("out.mkv")).errors.isEmpty)
        #expect(try Workshop.soundDigest(of: shop.path("out.mkv")) == Workshop.soundDigest(of: clip))
    }

    @Test func timeRangeOfAClip() throws {
        let shop = try Workshop()
        let outcome = try Program.run(
            "stylize", Workshop.bundledClip, "-o", shop.path("out.mp4"), "--start", "1", "--duration", "0.5", "--size",
            "64x")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == 10)
        #expect(try Workshop.size(of: shop.path("out.mp4")) == "64,36")
        let late = try Program.run("stylize", Workshop.bundledClip, "-o", shop.path("late.mp4"), "--start", "10")
        #expect(late.status == 1)
        #expect(shop.files == ["out.mp4"])
    }

    @Test(arguments: [(1, 1), (3, 5), (17, 1), (33, 24), (1000, 3)])
    func imagesOfAnySize(width: Int, height: Int) throws {
        let shop = try Workshop()
        _ = try shop.makeFrames("in%d.png", count: 1, size: (width, height))
        let outcome = try Program.run("stylize", shop.path("in1.png"), "-o", shop.path("out.png"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.size(of: shop.path("out.png")) == "\(width),\(height)")
    }

    @Test func aClipOfOddSize() throws {
        let shop = try Workshop()
        let outcome = try Program.run(
            "stylize", Workshop.bundledClip, "-o", shop.path("out.mp4"), "--size", "63x47", "--duration", "0.2")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.size(of: shop.path("out.mp4")) == "63,47")
    }

    @Test func imageSequenceInAndOut() throws {
        let shop = try Workshop()
        let frames = try shop.makeFrames("frame_%03d.png", count: 4)
        #expect(try Program.run("stylize", frames, "-o", shop.path("out_%02d.jpg")).status == 0)
        #expect(shop.files.filter { $0.hasPrefix("out") } == ["out_01.jpg", "out_02.jpg", "out_03.jpg", "out_04.jpg"])
        #expect(try Program.run("stylize", frames, "-o", shop.path("out.mp4"), "--frame-rate", "5").status == 0)
        #expect(try Workshop.times(of: shop.path("out.mp4")).map { Double($0) } == [0, 0.2, 0.4, 0.6])
        let again = try Program.run("stylize", frames, "-o", shop.path("out_%02d.jpg"))
        #expect(again.status == 1)
        #expect(again.errors.contains("--force"))
    }

    @Test func eachOptionChangesTheResult() throws {
        let shop = try Workshop()
        _ = try Program.peer(
            "ffmpeg", "-i", Workshop.bundledClip, "-frames:v", "2", "-s", "160x90", shop.path("frame_%d.png"))
        var results: Set<Data> = []
        let options = [
            "", "--style wheat-field", "--flow ultrafast", "--strength 0.5", "--coherence 4", "--preserve-color",
            "--per-frame", "--brush 0.5", "--scale 0.5",
        ]
        for option in options {
            let outcome = try Program.run(
                Program.pentimento,
                ["stylize", shop.path("frame_%d.png"), "-o", shop.path("out_%d.png"), "--force"]
                    + option.split(separator: " ").map(String.init))
            #expect(outcome.status == 0, "\(outcome.errors)")
            results.insert(try #require(FileManager.default.contents(atPath: shop.path("out_2.png"))))
        }
        #expect(results.count == options.count)
    }

    /// `--scale 0.5` works at half the frame's size, also where that is more than `--brush 1` takes.
    @Test func scaleIsAFractionOfTheFrame() throws {
        let shop = try Workshop()
        _ = try Program.peer(
            "ffmpeg", "-i", Workshop.bundledClip, "-frames:v", "1", "-s", "1280x800", shop.path("large.png"))
        func picture(_ options: String...) throws -> Data? {
            let outcome = try Program.run(
                Program.pentimento,
                ["stylize", shop.path("large.png"), "-o", shop.path("out.png"), "--force"] + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return FileManager.default.contents(atPath: shop.path("out.png"))
        }
        let half = try picture("--scale", "0.5")
        #expect(try half != picture())
        #expect(try half != picture("--scale", "0.4"))
        // 640x400 are 10/9 of the pixels that brush 1 takes.
        #expect(try half == picture("--brush", "0.948683298050514"))
        for wrong in [["--scale", "0.5", "--brush", "1"], ["--scale", "2"], ["--scale", "0"]] {
            #expect(
                try Program.run(Program.pentimento, ["stylize", "a.png", "-o", "b.png"] + wrong).status == 2, "\(wrong)"
            )
        }
    }

    /// The frames do not move: with files that say otherwise the network gets another prior.
    @Test func flowFromFiles() throws {
        let shop = try Workshop()
        let frames = try shop.makeFrames("frame_%d.png", count: 3, size: (64, 48))
        let patterns = [
            "--flow-pattern", shop.path("b_[%d]_{%d}.flo"), "--reverse-flow-pattern", shop.path("f_[%d]_{%d}.flo"),
        ]
        func run(_ name: String, _ options: [String]) throws -> Outcome {
            try Program.run(Program.pentimento, ["stylize", frames, "-o", shop.path("\(name)_%d.png")] + options)
        }
        func write(_ shift: Float) throws {
            for (name, sign) in [("b_2_1", 1), ("b_3_2", 1), ("f_1_2", -1), ("f_2_3", -1)] as [(String, Float)] {
                var flow = FlowField(width: 64, height: 48)
                for index in flow.u.indices { flow.u[index] = sign * shift }
                try flow.write(to: shop.path("\(name).flo"))
            }
        }
        let missing = try run("none", patterns)
        #expect(missing.status == 1 && missing.errors.contains("b_2_1.flo: no such file"), "\(missing.errors)")
        for (name, shift) in [("still", 0), ("again", 0), ("moving", 6)] as [(String, Float)] {
            try write(shift)
            let outcome = try run(name, patterns)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        func contents(_ name: String) -> Data? { FileManager.default.contents(atPath: shop.path(name)) }
        #expect(contents("still_1.png") == contents("moving_1.png"))
        #expect(contents("still_3.png") == contents("again_3.png"))
        #expect(contents("still_3.png") != contents("moving_3.png"))
        for wrong in [Array(patterns.prefix(2)), patterns + ["--per-frame"], patterns + ["--flow", "fast"]] {
            #expect(try run("wrong", wrong).status == 2, "\(wrong)")
        }
    }

    @Test func resultDoesNotDependOnThreads() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(sound: nil)
        for (name, threads) in [("one", "1"), ("two", "2"), ("again", "2")] {
            let outcome = try Program.run("stylize", clip, "-o", shop.path("\(name)_%02d.png"), "--threads", threads)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        for number in 1...12 {
            let file = (number < 10 ? "_0" : "_") + "\(number).png"
            let one = try #require(FileManager.default.contents(atPath: shop.path("one" + file)))
            #expect(one == FileManager.default.contents(atPath: shop.path("two" + file)))
            #expect(one == FileManager.default.contents(atPath: shop.path("again" + file)))
        }
    }

    @Test func jsonAloneOnStandardOutput() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3)
        let outcome = try Program.run("stylize", clip, "-o", shop.path("out.mp4"), "--json", "--per-frame")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(report["frames"] as? Int == 3)
        #expect(report["perFrame"] as? Bool == true)
        #expect((report["millisecondsPerFrame"] as? [String: Double])?.keys.sorted() == ["stylize"])
    }
}

extension Double {
    func rounded(toPlaces places: Int) -> Double {
        let scale = pow(10, Double(places))
        return (self * scale).rounded() / scale
    }
}
