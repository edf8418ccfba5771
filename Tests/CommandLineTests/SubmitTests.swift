import Foundation
import Shots
import TestSupport
import Testing
import pentimento

/// Plans for a cluster, and the scripts that carry them out, without a cluster.
@Suite struct SubmitTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    private static let shots = [3, 2, 1].enumerated().map { index, frames in
        ShotList.Shot(shot: index + 1, first: 0, frames: frames, start: 0, end: 1)
    }

    static let names = ["film", "a film's \"best\" $HOME `ls` \\n", "ümlaut %d %j 100%", "line\nbreak;*?[x]~#"]

    private func script(_ cluster: Cluster, name: String, tasks: [Int] = [1, 2, 3]) throws -> String {
        let folder = shop.path(name)
        try FileManager.default.createDirectory(atPath: folder + "/parts", withIntermediateDirectories: true)
        let script = ClusterScript(
            ShotPlan(Self.shots.filter { tasks.contains($0.shot) }, tasks: 2), cluster, program: "/none",
            folder: folder, parts: folder + "/parts", painting: ["stylize", "\(name).mp4"], joining: ["join", name],
            jobs: 2, sbatch: ["--comment=\(name)"])
        let path = folder + "/parts/submit.sh"
        try script.text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static let standIn = "\(TestData.repository)/Tests/CommandLineTests/Fixtures/stand-in"

    /// Has `sbatch` in the folder be the stand-in.
    private func linkSbatch() throws {
        try FileManager.default.createSymbolicLink(atPath: shop.path("sbatch"), withDestinationPath: Self.standIn)
    }

    private var log: String {
        get throws { try String(contentsOfFile: shop.path("log"), encoding: .utf8) }
    }

    private func run(_ script: String, _ words: [String] = [], _ variables: [String] = []) throws -> Outcome {
        try Program.run(
            "/usr/bin/env",
            ["PENTIMENTO=\(Self.standIn)", "LOG=\(shop.path("log"))"] + variables + ["sh", script] + words)
    }

    @Test(arguments: names, Cluster.allCases)
    func namesSurvive(name: String, cluster: Cluster) throws {
        let script = try script(cluster, name: name)
        #expect(try Program.run("/usr/bin/env", ["sh", "-n", script]).status == 0)
        // Task 2 has shots 2 and 3: the other one is painted, too, and the code is passed on.
        #expect(try run(script, ["paint", "2"], ["CODE=5"]).status == 5)
        #expect(try run(script, ["join"]).status == 0)
        let lines = ["stylize|\(name).mp4|--shot|2", "stylize|\(name).mp4|--shot|3", "join|\(name)"]
        #expect(try log == lines.map { "stand-in|\($0)|\n" }.joined())
        #expect(try run(script, ["paint", "3"]).status == 2)
        #expect(try run(script, ["paint", "2"], ["CODE=137"]).status == 137)
    }

    @Test(arguments: names)
    func slurm(name: String) throws {
        try linkSbatch()
        let outcome = try run(try script(.slurm, name: name), [], ["PATH=\(shop.folder):/usr/bin:/bin"])
        #expect(outcome.status == 0 && outcome.output.contains("squeue -j 42,42"), "\(outcome.errors)")
        let folder = shop.path(name) + "/parts"
        let common = "|--chdir=\(folder)|--output=logs/"
        #expect(
            try log == """
                sbatch|--parsable|--job-name=pentimento-paint\(common)paint-%A-%a.log|--comment=\(name)|--array=1-2|\(folder)/submit.sh|paint|
                sbatch|--parsable|--job-name=pentimento-join\(common)join-%j.log|--comment=\(name)|--dependency=afterok:42|--kill-on-invalid-dep=yes|\(folder)/submit.sh|join|

                """)
        let path = "PATH=\(shop.folder):/usr/bin:/bin"
        #expect(try run(shop.path(name) + "/parts/submit.sh", [], [path, "SBATCH_CODE=3"]).status == 3)
    }

    @Test(arguments: names)
    func local(name: String) throws {
        try Self.requireParallel()
        let script = try script(.local, name: name)
        let failed = try run(script, [], ["CODE=4"])
        #expect(failed.status == 4 && failed.errors.contains("--retry"), "\(failed.errors)")
        #expect(try !log.contains("join"))
        let outcome = try run(script)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try log.hasSuffix("stand-in|join|\(name)|\n"))
        for shot in 1...3 { #expect(try log.components(separatedBy: "|--shot|\(shot)|\n").count == 3) }
    }

    private let slurm = ["--cluster", "slurm"]
    private let local = ["--cluster", "local"]

    /// Runs `submit` where neither Slurm nor GNU parallel is, and looks for words in what it says.
    private func submit(
        _ status: Int32, _ words: String, _ options: [String], film path: String? = nil, in parts: String? = nil,
        to output: String = "out.mp4"
    ) throws {
        let film = ShotFilm(shop, at: path ?? shop.path("film.mp4"))
        let arguments =
            [
                "submit", film.path, "-o", shop.path(output), "--shots", film.list, "--parts",
                parts ?? shop.path("parts"),
            ]
        let outcome = try Program.run(
            "/usr/bin/env", ["PATH=\(shop.folder):/none", Program.pentimento] + arguments + options)
        #expect(outcome.status == status, "\(options): \(outcome.errors)")
        let text = outcome.output + outcome.errors
        #expect(text.contains(words), "\(options): \(text)")
        #expect(status == 0 || status == 2 || outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test func commands() throws {
        let film = try ShotFilm(shop)
        try film.find()
        let parts = shop.path("parts")
        try submit(1, "apt-get install slurm-client", slurm)
        try submit(1, "apt-get install parallel", local)
        try submit(2, "--jobs belongs to", slurm + ["--jobs", "2"])
        try submit(2, "--sbatch belong to", local + ["--sbatch", "--time=1"])
        try submit(2, "--stile", local + ["--", "--stile=scream"])
        try submit(2, "leave it out", local + ["--", "--shot=3"])
        try submit(1, "no model called \"screem\"", local + ["--dry-run", "--", "--style", "screem"])
        try submit(4, "flow is \"fast\", not \"medium\"", local + ["--dry-run", "--", "--flow", "fast"])
        try submit(4, "belongs to another file", local, film: film.list)
        try submit(6, "is no folder", local + ["--retry"])
        try submit(1, "is no folder", local, in: film.path)
        try submit(1, "mkdir -p", local, to: "nowhere/out.mp4")
        try submit(1, "joined to a video", local, to: "out.png")
        try submit(1, "is the film", local + ["--force"], to: "film.mp4")
        #expect(!shop.files.contains("parts"))
        try linkSbatch()
        try submit(1, "/proc/none", slurm, in: "/proc/none")
        #expect(!shop.files.contains("log"))
        let painting = ["--", "--per-frame", "--size", "96x64"]
        try submit(0, "stylize \(film.path) --shots", local + ["--dry-run"] + painting)

        let join =
            "\n    \"$pentimento\" join \(film.list) --parts \(parts) --film \(film.path) -o \(shop.path("out.mp4"))"
        try submit(0, join + " --quality 80 --audio all --subtitles all --threads 1\n", local + ["--dry-run"])
        try submit(
            0, join + " --quality 35 --audio 1,deu --subtitles none --threads 3 --force\n",
            slurm + ["--dry-run", "--quality", "35", "--audio", "1,DEU", "--subtitles", "none", "--cpus-per-task", "3"]
                + ["--force"])
        try submit(2, "--quality", local + ["--quality", "101"])
        try submit(2, "--audio", local + ["--audio", "1,"])
        for option in [["--quality", "35"], ["--audio", "none"], ["--subtitles", "1"]] {
            try submit(2, "belong to join", local + ["--"] + option)
        }

        try film.find(["--for", "optimize"])
        let image = try shop.makeImage("x.png", format: "RGB", size: (50, 40))
        let network = try LossNetworkFolder.path()
        try submit(
            0, "--loss-network \(network) --resume --shot \"$shot\"",
            local + ["--dry-run", "--", "--style-image", image, "--loss-network", network])
        try submit(
            1, "y.png", local + ["--dry-run", "--", "--style-image", shop.path("y.png"), "--loss-network", network])
        try "x".write(toFile: shop.path("out.mp4"), atomically: true, encoding: .utf8)
        try submit(1, "--force replaces it", local)
    }

    /// What is missing is what is submitted, with the options of what is there.
    @Test func retry() throws {
        let film = try ShotFilm(shop)
        try film.find()
        let parts = shop.path("parts")
        try FileManager.default.createDirectory(atPath: parts, withIntermediateDirectories: true)
        try film.run(
            ["stylize", film.path, "--shots", film.list, "--shot", "2", "-o", parts + "/part-%05d.mkv"]
                + ["--per-frame", "--strength", "0.7"])
        let rest = "1) echo 1 3 4 ;;"
        let cases: [(status: Int32, words: String, options: String)] = [
            (0, rest, "--per-frame --strength 0.7"),
            (0, rest, "--per-frame --strength 0.70 --threads 2 --style scream"),
            (
                6, "part-00002.mkv: is there, and is painted with other settings: strength is 0.7, not 1.0",
                "--per-frame"
            ),
            (6, "per-frame is true, not false", "--strength 0.7"),
            (6, "style-name is scream, not great-wave", "--per-frame --strength 0.7 --style great-wave"),
            (6, "brush is left out, not 2.0", "--per-frame --strength 0.7 --brush 2"),
            (6, "mask is left out, not alpha", "--per-frame --strength 0.7 --mask alpha"),
            (6, "strength is 0.7, not 0.5", "--per-frame --strength 0.5 --force"),
        ]
        for (status, words, text) in cases {
            let options = local + ["--dry-run", "--tasks", "1"]
            let painting = ["--"] + text.split(separator: " ").map(String.init)
            try submit(status, words, options + ["--retry"] + painting)
            let isForced = painting.contains("--force")
            try submit(
                isForced ? 0 : status, status == 0 || isForced ? "1) echo 1 2 3 4 ;;" : words, options + painting)
        }
        try film.find(["--for", "optimize"])
        let image = try shop.makeImage("x.png", format: "RGB", size: (50, 40))
        try submit(
            6, "is painted by stylize, not by optimize",
            local + ["--retry", "--", "--style-image", image, "--loss-network", try LossNetworkFolder.path()])
    }

    @Test(arguments: [
        (["--quality", "10", "--audio", "none"], "video"), (["--quality", "95"], "video,audio"),
    ])
    func localRunJoinsAsAsked(options: [String], streams: String) throws {
        try Self.requireParallel()
        let film = try ShotFilm(shop)
        try film.find()
        let (output, parts) = (shop.path("out.mp4"), shop.path("parts"))
        try film.run(
            ["submit", film.path, "-o", output, "--shots", film.list, "--parts", parts, "--cluster", "local"]
                + options + ["--", "--per-frame", "--size", "96x64"])
        let found = try Program.peer("ffprobe", "-show_entries", "stream=codec_type", "-of", "csv=p=0", output)
        #expect(found.split(separator: "\n").joined(separator: ",") == streams)
        let direct = shop.path("direct.mp4")
        try film.run(["join", film.list, "--parts", parts, "-o", direct, "--threads", "1"] + options)
        #expect(try ShotFilm.digests(of: output) == ShotFilm.digests(of: direct))
        let best = shop.path("best.mp4")
        try film.run(["join", film.list, "--parts", parts, "-o", best, "--threads", "1", "--quality", "95"])
        #expect(try (Workshop.frameDigests(of: output) == Workshop.frameDigests(of: best)) == options.contains("95"))
    }

    /// An array of Slurm jobs trains a network for each painting, and one job only its own.
    @Test func stylesBySlurm() throws {
        try linkSbatch()
        let script = "\(TestData.repository)/Scripts/train-styles"
        func train(_ variables: [String], _ words: [String] = []) throws -> [String] {
            try? FileManager.default.removeItem(atPath: shop.path("log"))
            let environment = [
                "PATH=\(shop.folder):/usr/bin:/bin", "PENTIMENTO=\(Self.standIn)", "LOG=\(shop.path("log"))",
            ]
            let outcome = try Program.run(
                "/usr/bin/env", environment + variables + [script, "--photos", shop.folder] + words)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try log.split(separator: "|").map(String.init)
        }
        let words = try train([], ["--slurm", "--", "--steps", "9"])
        #expect(words.first == "sbatch" && words.contains("--array=1-10"), "\(words)")
        let own = try #require(words.firstIndex(of: "Scripts/train-styles"))
        #expect(Array(words[own...].dropFirst().dropLast()) == ["--photos", shop.folder, "--", "--steps", "9"])
        let folder = try #require(words.first { $0.hasPrefix("--chdir=") }).dropFirst("--chdir=".count)
        #expect(folder == TestData.repository[...])
        let one = try train(["SLURM_ARRAY_TASK_ID=2", "PENTIMENTO_CHECKOUT=\(folder)"])
        #expect(one[0...1] == ["stand-in", "train"] && one.filter { $0 == "--style-image" }.count == 1, "\(one)")
        #expect(one.contains("Docs/Gallery/paintings/starry-night.jpg"), "\(one)")
        #expect(one.contains("demo/styles/starry-night.safetensors") && !one.contains("--separate-styles"), "\(one)")
    }

    private static func requireParallel() throws {
        if (try? Program.run("/usr/bin/env", ["parallel", "--version"]).status) != 0 {
            try TestData.skip("GNU parallel is missing; install the Debian package parallel")
        }
    }
}
