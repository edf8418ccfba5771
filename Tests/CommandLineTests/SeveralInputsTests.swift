import Foundation
import Support
import TestSupport
import Testing

/// Several inputs, folders of inputs, and folders as outputs.
@Suite struct SeveralInputsTests {
    private let shop: Workshop

    init() throws {
        shop = try Workshop()
        try FileManager.default.createDirectory(atPath: shop.path("in"), withIntermediateDirectories: true)
    }

    private func stylize(_ arguments: String...) throws -> Outcome {
        try Program.run(Program.pentimento, ["stylize", "--strength", "0"] + arguments)
    }

    /// Makes inputs by ffmpeg: a picture or, by its ending, a clip of half a second.
    private func make(_ names: String...) throws {
        for name in names {
            let still = ["png", "bmp", "webp", "tif", "jpg"].contains((name as NSString).pathExtension)
            _ = try Program.peer(
                "ffmpeg", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=0.5", "-frames:v",
                still ? "1" : "5", shop.path("in/\(name)"))
        }
    }

    private func names(_ folder: String) -> [String] { Files.names(in: shop.path(folder), withHidden: true) }

    /// Videos and pictures keep their format where it can be written; other files of a folder are ignored.
    @Test func aFolderIsConvertedToAFolder() throws {
        try make("a.mp4", "b.avi", "c.png", "d.mkv", "e.webp")
        // A name that reads like a pattern.
        try FileManager.default.copyItem(atPath: shop.path("in/c.png"), toPath: shop.path("in/50%d.png"))
        try Files.write(Array("text".utf8), to: shop.path("in/notes.txt"))
        let outcome = try stylize(shop.path("in"), "-o", shop.path("out/"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(names("out") == ["50%d.png", "a.mp4", "b.mp4", "c.png", "d.mkv", "e.png"])
        #expect(outcome.output.contains("6 of 6 files painted"))
        for name in ["a.mp4", "b.mp4", "d.mkv"] { #expect(try Workshop.times(of: shop.path("out/\(name)")).count == 5) }
    }

    /// One file that fails stops no other, and is named at the end.
    @Test func aFailureStopsNoOther() throws {
        try make("a.png", "c.png")
        try Files.write(Array("no picture".utf8), to: shop.path("in/b.png"))
        let outcome = try stylize(shop.path("in"), "-o", shop.path("out/"), "--json")
        #expect(outcome.status == 1)
        #expect(names("out") == ["a.png", "c.png"])
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let reports = try #require(json as? [[String: Any]])
        #expect(reports.map { ($0["input"] as? String)?.suffix(5) } == ["a.png", "b.png", "c.png"])
        #expect(reports.map { $0["frames"] as? Int } == [1, nil, 1])
        #expect((reports[1]["error"] as? String)?.contains("b.png") == true)
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    /// Everything that can be known is noticed before the work.
    @Test func conflictsAreNoticedBeforeTheWork() throws {
        try make("a.png", "b.png", "c.avi")
        let (first, second) = (shop.path("in/a.png"), shop.path("in/b.png"))
        try FileManager.default.copyItem(atPath: shop.path("in/c.avi"), toPath: shop.path("c.mkv"))
        try FileManager.default.moveItem(atPath: shop.path("c.mkv"), toPath: shop.path("c.mp4"))
        let cases: [(inputs: [String], output: String, words: String)] = [
            ([first, second], "out.png", "is no folder"), ([first, first], "out/", "is named twice"),
            ([shop.path("in/c.avi"), shop.path("c.mp4")], "out/", "would be the output of both"),
            ([shop.path("in")], "in", "is the input"), ([first, second], "none/out/", "none"),
            ([shop.folder + "/empty"], "out/", "no such file"),
        ]
        for (inputs, output, words) in cases {
            let outcome = try Program.run(Program.pentimento, ["stylize", "-o", shop.path(output)] + inputs)
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(output): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            #expect(!Files.exists(shop.path("out")) && !Files.exists(shop.path("out.png")))
        }
        #expect(try stylize(first, second, "-o", shop.path("out/")).status == 0)
        let again = try stylize(shop.path("in"), "-o", shop.path("out"))
        #expect(again.status == 1 && again.errors.contains("out/a.png, "))
        #expect(again.errors.contains("out/b.png: exist already"), "\(again.errors)")
        #expect(names("out") == ["a.png", "b.png"])
        #expect(try stylize(shop.path("in"), "-o", shop.path("out"), "--force").status == 0)
    }

    /// A single input, and its object of JSON, are as they are without a folder.
    @Test func oneInputInAFolder() throws {
        try make("a.png")
        let outcome = try stylize(shop.path("in/a.png"), "-o", shop.path("out/"), "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) is [String: Any])
        let again = try stylize(shop.path("in/a.png"), "-o", shop.path("out/"))
        #expect(again.status == 1 && again.errors.contains("--force"))
    }

    /// Files that come into a folder are converted; those whose outputs exist, and other files, are not.
    @Test func aWatchedFolder() throws {
        try make("a.png", "b.png")
        try FileManager.default.createDirectory(atPath: shop.path("out"), withIntermediateDirectories: true)
        try Files.write([1], to: shop.path("out/b.png"))
        let process = try Program.start(
            Program.pentimento,
            ["stylize", shop.path("in"), "-o", shop.path("out"), "--watch", "--json", "--strength", "0"])
        process.wait { names("out").contains("a.png") }
        // A picture that grows is taken once it is whole.
        let bytes = try Files.read(shop.path("in/a.png"))
        try Files.write(Array(bytes[..<200]), to: shop.path("in/c.png"))
        try Files.write(Array("text".utf8), to: shop.path("in/d.txt"))
        try Files.write(bytes, to: shop.path("in/c.png"))
        process.wait { names("out").contains("c.png") }
        #expect(process.end() == .exited(0), "\(process.errors)")
        #expect(names("out") == ["a.png", "b.png", "c.png"])
        #expect(try Files.read(shop.path("out/b.png")) == [1])
        for (input, output, more) in [("in", "in", []), ("in/a.png", "out", []), ("in", "out", ["--force"])] {
            let outcome = try Program.run(
                Program.pentimento, ["stylize", shop.path(input), "-o", shop.path(output), "--watch"] + more)
            #expect(outcome.status == (more.isEmpty ? 1 : 2) && outcome.errors.contains("folder"), "\(outcome.errors)")
        }
    }

    /// A file that is still open is not taken; one that changes after it was painted is painted again.
    @Test func filesThatGrowInAWatchedFolder() throws {
        try make("a.png")
        let bytes = try Files.read(shop.path("in/a.png"))
        try FileManager.default.removeItem(atPath: shop.path("in/a.png"))
        let open = Glibc.open(shop.path("in/a.png"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try #require(open >= 0 && write(open, bytes, 100) == 100)
        try Files.write(bytes, to: shop.path("in/b.png"))
        let process = try Program.start(
            Program.pentimento, ["stylize", shop.path("in"), "-o", shop.path("out/"), "--watch", "--strength", "0"])
        // The file that is open is older.
        process.wait { names("out").contains("b.png") }
        #expect(names("out") == ["b.png"])
        let rest = Array(bytes[100...])
        #expect(write(open, rest, rest.count) == rest.count)
        close(open)
        process.wait { names("out").contains("a.png") }
        // Another picture of the same name.
        _ = try Program.peer(
            "ffmpeg", "-y", "-f", "lavfi", "-i", "color=red:size=32x32:duration=0.04", "-frames:v", "1",
            shop.path("in/b.png"))
        process.wait { (try? Workshop.size(of: shop.path("out/b.png"))) == "32,32" }
        #expect(process.end() == .exited(0), "\(process.errors)")
        let said = process.errors
        #expect(said.contains("in/b.png: has changed; ") && !said.contains("a.png"), "\(said)")
    }

    /// What is said of a file names it once.
    @Test func filesAreNamedOnce() throws {
        try make("a.avi", "b.avi")
        let bytes = try Files.read(shop.path("in/a.avi"))
        try Files.write(Array(bytes.prefix(bytes.count * 3 / 4)), to: shop.path("in/a.avi"))
        let outcome = try stylize(shop.path("in"), "-o", shop.path("out/"))
        #expect(outcome.errors.split(separator: "a.avi").count <= 2, "\(outcome.errors)")
    }

    /// A signal ends the file that is being converted and the ones after it; finished ones stay.
    @Test func aSignalEndsAll() throws {
        try make("a.png")
        for name in ["b.mp4", "c.mp4"] {
            try FileManager.default.copyItem(atPath: Workshop.bundledClip, toPath: shop.path("in/\(name)"))
        }
        let process = try Program.start(
            Program.pentimento, ["stylize", shop.path("in"), "-o", shop.path("out/"), "--size", "1600x900"])
        process.wait { names("out").contains("a.png") }
        #expect(process.end() == .exited(143), "\(process.errors)")
        #expect(names("out") == ["a.png"])
    }
}
