import Foundation
import TestSupport
import Testing

/// Lists, films and parts that do not fit: a clear error with its exit code, and nothing is lost.
@Suite struct ShotsFailureTests {
    private let film: ShotFilm

    init() throws {
        film = try ShotFilm(try Workshop())
        try film.find()
    }

    private func edit(_ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: film.list, encoding: .utf8)
        try #require(text.contains(old), "\(text)")
        try text.replacing(old, with: new).write(toFile: film.list, atomically: true, encoding: .utf8)
    }

    private func expect(_ arguments: [String], _ status: Int32, _ words: String...) throws {
        let outcome = try Program.run(Program.pentimento, arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
        for word in words { #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)") }
        #expect(status == 2 || outcome.errors.split(whereSeparator: \.isNewline).count == 1, "\(outcome.errors)")
    }

    /// Cheap, as frames are painted each for itself.
    private let command = ["stylize", "--per-frame", "--size", "96x64"]

    @Test(arguments: [
        ("\"format\"", "format", "not valid JSON"),
        ("{\n  \"format\"", "[7, {\n  \"format\"", "not valid JSON"),
        ("\"first\": 13", "\"first\": 13.5", "has a number that is none here"),
        ("\"start\": 0.52", "\"start\": null", "shots, entry 2, start has a value of another kind"),
        ("pentimento-shots-1", "pentimento-shots-9", "pentimento-shots-9"),
        ("\"sha256\": ", "\"sha\": ", "film, sha256 is missing"),
        ("\"first\": 13", "\"first\": \"x\"", "shots, entry 2, first"),
        ("\"first\": 13", "\"first\": 14", "frames 13 to 13, before shot 2, belong to no shot"),
        ("\"first\": 13", "\"first\": 12", "shot 2 begins at frame 12, within shot 1"),
        ("\"frames\": 18", "\"frames\": 19", "shot 3 begins at frame 31, within shot 2"),
        ("\"frames\": 18", "\"frames\": 0", "shot 2 has no frames"),
        ("\"frames\": 18", "\"frames\": 9223372036854775807", "more frames than the film"),
        ("\"shot\": 2", "\"shot\": 3", "number them"),
        ("\"start\": 0.52", "\"start\": 0.56", "shot 1 ends at 0.52 s"),
        ("\"preroll\": 0}\n", "\"preroll\": 90}\n", "90 frames of preroll"),
    ])
    func editedList(old: String, new: String, words: String) throws {
        try edit(old, new)
        try expect(film.painting(command, shot: 2), 3, film.list, words)
        try expect(["join", film.list, "--parts", film.shop.folder, "-o", film.shop.path("out.mp4")], 3, words)
        #expect(!film.shop.files.contains("out.mp4"))
    }

    /// A list that is consistent in itself is compared with the film when a shot is painted.
    @Test func listWithOtherFramesThanTheFilm() throws {
        try edit("\"first\": 0, \"frames\": 13", "\"first\": 0, \"frames\": 14")
        try edit("\"first\": 13, \"frames\": 18", "\"first\": 14, \"frames\": 17")
        try expect(film.painting(command, shot: 1), 3, "shot 1", "has 13 frames from 0.0 to 0.52 s, not 14")
        try expect(film.painting(command, shot: 2), 3, "shot 2", "has 18 frames", "not 17")
        try edit("0.52", "0.5")
        try expect(film.painting(command, shot: 2), 3, "no frame that is shown from 0.5 s on")
        #expect(!film.shop.files.contains { $0.hasPrefix("part-") })
    }

    @Test func argumentsThatDoNotGoTogether() throws {
        let part = film.shop.path("part.mkv")
        for (options, words) in [
            (["--shots", film.list, "-o", part], "belong together"),
            (["--shot", "1", "-o", part], "belong together"),
            (["--shots", film.list, "--shot", "1", "-o", film.shop.path("part.mp4")], "Matroska"),
            (["--shots", film.list, "--shot", "1", "-o", part, "--start", "1"], "--start"),
            (["--shots", film.list, "--shot", "1", "-o", part, "--deinterlace", "fields"], "fields"),
            (["--shots", film.list, "--shot", "1", "-o", film.shop.folder], "one part"),
        ] { try expect(["stylize", film.path] + options, 2, words) }
        try expect(film.painting(command, shot: 9), 3, "has no shot 9; it has shots 1 to 4")
        try expect(["shots", film.path, "-o", film.list], 1, "--force")
    }

    @Test func otherFilmOrSettings() throws {
        try expect(film.painting(["stylize", "--flow", "fast"], shot: 1), 4, "flow is \"fast\", not \"medium\"")
        try expect(film.painting(["stylize", "--size", "48x32"], shot: 1), 4, "size is")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: film.path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: film.path))
        try expect(film.painting(command, shot: 1), 4, film.list, "its SHA-256 differs")
        try (bytes + [0]).write(to: URL(fileURLWithPath: film.path))
        try expect(film.painting(command, shot: 1), 4, "\(bytes.count) bytes, not \(bytes.count + 1)")
        let join = ["join", film.list, "--parts", film.shop.folder, "-o", film.shop.path("out.mp4")]
        try expect(join, 4)
        try FileManager.default.removeItem(atPath: film.path)
        try expect(join, 1, "film.mp4: no such file", "name it by --film")
    }

    @Test func partThatIsThere() throws {
        try film.run(film.painting(command, shot: 3))
        let again = try film.run(film.painting(command, shot: 3) + ["--json"])
        let report = try #require(try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
        #expect(report["isPainted"] as? Bool == false && report["shot"] as? Int == 3 && report["frames"] as? Int == 8)
        try expect(film.painting(command + ["--strength", "0.5"], shot: 3), 6, "--force replaces it")
        try film.run(film.painting(command + ["--strength", "0.5", "--force"], shot: 3))
        try "no part".write(toFile: film.shop.path("part-00001.mkv"), atomically: true, encoding: .utf8)
        try expect(film.painting(command, shot: 1), 6, "is no whole part")
    }

    /// Both are done, and the part is whole.
    @Test(arguments: ["stylize", "optimize"])
    func sameShotByTwoAtOnce(name: String) throws {
        var command = command
        if name == "optimize" {
            try film.find(["--for", "optimize", "--size", "48x32"])
            let painting = try film.shop.makeImage("painting.png", format: "RGB", size: (50, 40))
            command = ["optimize", "--style-image", painting, "--size", "48x32", "--iterations", "4"]
            command += ["--loss-network", try LossNetworkFolder.path()]
        }
        let processes = try (0..<2).map { _ in try film.paint(command, shot: 3) }
        for process in processes { #expect(process.wait() == .exited(0), "\(process.errors)") }
        #expect(film.shop.files.filter { $0.hasPrefix("part-") || $0.hasPrefix(".") } == ["part-00003.mkv"])
        let frames = try Workshop.frameDigests(of: film.shop.path("part-00003.mkv"))
        try film.run(film.painting(command, shot: 3) + ["--force"])
        #expect(try Workshop.frameDigests(of: film.shop.path("part-00003.mkv")) == frames && !frames.isEmpty)
    }

    @Test func partsThatDoNotFit() throws {
        let output = film.shop.path("out.mp4")
        func join(_ status: Int32, _ words: String, parts: String? = nil) throws {
            let arguments = ["join", film.list, "--parts", parts ?? film.shop.folder, "-o", output]
            let outcome = try Program.run(Program.pentimento, arguments)
            #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome.status): \(outcome.errors)")
            #expect(!film.shop.files.contains { $0.hasPrefix("out") || $0.hasPrefix(".") })
        }
        try join(6, "the part of shot 1 is missing, and 3 others")
        try film.paintAll(command)
        let (second, kept) = (film.shop.path("part-00002.mkv"), film.shop.path("kept"))
        try FileManager.default.moveItem(atPath: second, toPath: kept)
        try join(6, "the part of shot 2 is missing; pentimento stylize", parts: film.pattern)
        // The command that is named makes the part.
        let named = try Program.run("join", film.list, "--parts", film.shop.folder, "-o", output).errors
        let line = try #require(named.firstMatch(of: /; pentimento (.*) makes it/)).output.1
        let shell = try Program.run("/bin/bash", ["-c", "\"$0\" \(line)", Program.pentimento])
        #expect(shell.status == 0, "\(line): \(shell.errors)")
        #expect(try Workshop.frameDigests(of: second) == Workshop.frameDigests(of: kept))

        let copy = film.shop.path("copy.mkv")
        try FileManager.default.copyItem(atPath: second, toPath: copy)
        try join(6, "is of shot 2, as")
        try FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: film.path, toPath: copy)
        try join(5, "copy.mkv: is no part of a film that `pentimento` painted; if it is a part")
        try FileManager.default.removeItem(atPath: copy)
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
        try join(5, "copy.mkv: is a folder")
        try FileManager.default.removeItem(atPath: copy)

        // Numbers whose sum is none.
        _ = try Program.peer(
            "ffmpeg", "-y", "-i", kept, "-map", "0", "-c", "copy", "-metadata", "PENTIMENTO_FIRST=\(Int.max)", second)
        try join(6, "18 frames from \(Int.max) on")

        var bytes = try Data(contentsOf: URL(fileURLWithPath: kept))
        try bytes.prefix(bytes.count - 100).write(to: URL(fileURLWithPath: second))
        try join(5, "is cut short")
        for place in bytes.count / 2..<bytes.count / 2 + 40 { bytes[place] ^= 0x55 }
        try bytes.write(to: URL(fileURLWithPath: second))
        try join(5, "paint its shot again")

        try film.run(film.painting(command + ["--strength", "0.5", "--force"], shot: 2))
        try join(6, "part-00002.mkv: is painted with other settings: strength is 0.5, not 1.0, as those of")
        try FileManager.default.removeItem(atPath: second)
        try FileManager.default.moveItem(atPath: kept, toPath: second)
        let full = try Program.run(
            "/bin/bash",
            ["-c", "ulimit -f 4; \"$@\"", "bash", Program.pentimento]
                + ["join", film.list, "--parts", film.pattern, "-o", output])
        #expect(full.status == 1 && full.errors.contains("out.mp4"), "\(full.errors)")
        #expect(!film.shop.files.contains { $0.hasPrefix("out") || $0.hasPrefix(".") })
        try film.run(["join", film.list, "--parts", film.pattern, "-o", output])
        #expect(try Workshop.times(of: output) == Workshop.times(of: film.path))
    }
}
