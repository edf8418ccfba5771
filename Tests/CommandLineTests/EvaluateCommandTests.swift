import Flow
import Foundation
import Imaging
import TestSupport
import Testing

/// `evaluate` with all its metrics.
@Suite struct EvaluateCommandTests {
    private let shop: Workshop
    private static let (width, height) = (64, 48)

    init() throws {
        shop = try Workshop()
        for folder in ["frames", "painted", "base", "flow", "reverse"] {
            try FileManager.default.createDirectory(atPath: shop.path(folder), withIntermediateDirectories: true)
        }
        let texture = MovingTexture()
        for number in 1...4 {
            func frame(_ gain: Float, flicker: Float) -> Image {
                let plane = texture.frame(width: Self.width, height: Self.height) { ($0 + 2 * Double(number), $1) }
                let samples = plane.values.map { Float($0) * gain + (number % 2 == 1 ? flicker : 0) }
                return Image(width: Self.width, height: Self.height, samples: samples + samples + samples)
            }
            try frame(1, flicker: 0).writePNM(to: shop.path("frames/frame_000\(number).ppm"))
            // Flicker of 0.1 and 0.2 of the range.
            try frame(0.7, flicker: 25.5).writePNM(to: shop.path("painted/frame_000\(number).ppm"))
            try frame(0.7, flicker: 51).writePNM(to: shop.path("base/frame_000\(number).ppm"))
            guard number < 4 else { continue }
            let count = Self.width * Self.height
            for (folder, speed) in [("flow", Float(-2)), ("reverse", 2)] {
                try FlowField(
                    width: Self.width, height: Self.height, u: Array(repeating: speed, count: count),
                    v: Array(repeating: 0, count: count)
                ).write(to: shop.path("\(folder)/frame_000\(number).flo"))
            }
        }
    }

    /// With a loss network of random weights.
    private func evaluate(_ arguments: String...) throws -> Outcome {
        try Program.run(
            "/usr/bin/env",
            try LossNetworkFolder.environment() + [Program.pentimento, "evaluate", "--stylized", shop.path("painted")]
                + arguments)
    }

    private func report(_ arguments: String...) throws -> [String: Any] {
        let outcome = try Program.run(
            "/usr/bin/env",
            try LossNetworkFolder.environment() + [Program.pentimento, "evaluate", "--stylized", shop.path("painted")]
                + arguments + ["--json", "-"])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    private func number(_ report: [String: Any], _ part: String, _ measure: String) throws -> Double {
        try #require((report[part] as? [String: Double])?[measure], "\(measure)")
    }

    @Test func everyMetricAndTheBaseline() throws {
        let found = try report(
            "--frames", shop.path("frames"), "--baseline", shop.path("base"), "--style-image",
            shop.path("frames/frame_0001.ppm"), "--interval", "2")
        // The mean squared flicker of neighbours; every second frame is the same.
        for measure in ["temporal", "warping"] {
            #expect(abs(try number(found, "measures", measure) - 0.01) < 0.0005, "\(measure)")
            #expect(abs(try number(found, "baseline", measure) - 0.04) < 0.002, "\(measure)")
            #expect(abs(try number(found, "shares", measure) - 0.25) < 0.01, "\(measure)")
            #expect(try number(found, "measures", "\(measure)_2") < 0.0005)
        }
        #expect(abs(try number(found, "measures", "warping_rmse") - 0.1) < 0.003)
        // Against the first frame: two of three differ.
        #expect(abs(try number(found, "measures", "warping_first") - 0.02 / 3) < 0.0005)
        for measure in ["content_optimization", "content_network", "style_optimization", "style_network", "sharpness"] {
            #expect(try number(found, "measures", measure) > 0, "\(measure)")
        }
        #expect(0.5..<1 ~= (try number(found, "measures", "ssim")))
        #expect((found["notes"] as? [String])?.isEmpty == true)
        let scene = try #require((found["scenes"] as? [[String: Any]])?.first)
        #expect((scene["frames"] as? [Any])?.count == 4)
        #expect(((scene["report"] as? [String: Any])?["pairs"] as? [Any])?.count == 3)
    }

    @Test func filesOfTheReport() throws {
        let outcome = try evaluate(
            "--frames", shop.path("frames"), "--baseline", shop.path("base"), "--metrics", "temporal,sharpness",
            "--csv",
            shop.path("r.csv"), "--markdown", shop.path("r.md"), "--plot", shop.path("r.svg"), "--json",
            shop.path("r.json"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("temporal error") && outcome.output.contains("share"))
        func text(_ name: String) throws -> String { try String(contentsOfFile: shop.path(name), encoding: .utf8) }
        let rows = try text("r.csv").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(rows.count == 5 && Set(rows.map(\.count)).count == 1)
        #expect(rows[0][1...3] == ["frame", "temporal", "temporal_all"])
        // The first frame has no earlier one.
        #expect(rows[1][2].isEmpty && !rows[2][2].isEmpty)
        #expect(try text("r.md").hasPrefix("| measure | mean | baseline | share | frames |\n| --- | ---: |"))
        let plot = try text("r.svg")
        #expect(plot.hasPrefix("<svg") && plot.hasSuffix("</svg>\n") && plot.contains(">baseline<"))
        // Nothing is replaced unasked, and no output is another one.
        let again = try evaluate("--frames", shop.path("frames"), "--csv", shop.path("r.csv"))
        #expect(again.status == 1 && again.errors.contains("r.csv"))
        let same = try evaluate("--frames", shop.path("frames"), "--csv", shop.path("a"), "--plot", shop.path("a"))
        #expect(same.status == 1 && same.errors.contains("same file"))
        let full = try evaluate("--metrics", "sharpness", "--csv", "/dev/full")
        #expect(full.status == 1 && full.errors.contains("/dev/full"), "\(full.errors)")
    }

    @Test func whatCannotBeMeasuredIsNamed() throws {
        let outcome = try evaluate("--flow", shop.path("flow"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.errors.contains(
                "not measured: content (needs --frames), style (needs --style-image), ssim (needs --frames)"))
        #expect(outcome.errors.contains("hidden pixels are counted"))
        let alone = try Program.run(
            "/usr/bin/env",
            [
                "XDG_DATA_HOME=/nowhere", Program.pentimento, "evaluate", "--stylized", shop.path("painted"),
                "--frames",
                shop.path("frames"),
            ])
        #expect(alone.status == 0 && alone.errors.contains("models fetch vgg16"), "\(alone.errors)")
        let asked = try evaluate("--metrics", "ssim")
        #expect(asked.status == 1 && asked.errors.contains("cannot measure ssim (needs --frames)"), "\(asked.errors)")
        #expect(try evaluate("--metrics", "sim").status == 2)
        #expect(try evaluate("--metrics", "ssim", "--interval", "0").status == 2)
    }

    /// The reverse flow finds hidden pixels; masks hide more.
    @Test func flowFiles() throws {
        func consistent(_ arguments: String...) throws -> Double {
            let outcome = try Program.run(
                Program.pentimento,
                [
                    "evaluate", "--stylized", shop.path("painted"), "--metrics", "temporal", "--json", "-", "--flow",
                    shop.path("flow"),
                ] + arguments)
            try #require(outcome.status == 0, "\(outcome.errors)")
            let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            return try number(try #require(report), "measures", "consistent")
        }
        let open = try consistent()
        #expect(abs(open - 62.0 / 64) < 1e-6)
        // A vector that the reverse flow contradicts.
        var reverse = FlowField(width: Self.width, height: Self.height)
        for i in reverse.u.indices { reverse.u[i] = i / Self.width < 24 ? 2 : 9 }
        try reverse.write(to: shop.path("reverse/frame_0002.flo"))
        let checked = try consistent("--reverse-flow", shop.path("reverse"))
        #expect(checked < open - 0.1)
        try FileManager.default.createDirectory(atPath: shop.path("masks"), withIntermediateDirectories: true)
        for number in 1...3 {
            var mask = Plane<UInt8>(width: Self.width, height: Self.height, repeating: 0)
            for x in 0..<Self.width { mask[x, 5] = 255 }
            try mask.writePGM(to: shop.path("masks/frame_000\(number).pgm"))
        }
        #expect(try consistent("--reverse-flow", shop.path("reverse"), "--occlusions", shop.path("masks")) < checked)
        // A missing file is left out and counted.
        try FileManager.default.removeItem(atPath: shop.path("flow/frame_0002.flo"))
        let partial = try evaluate("--flow", shop.path("flow"), "--metrics", "warping")
        #expect(
            partial.status == 0 && partial.errors.contains("1 pair without a known motion left out of warping error"),
            "\(partial.errors)")
        try Plane<UInt8>(width: 3, height: 3, repeating: 0).writePGM(to: shop.path("masks/frame_0001.pgm"))
        let small = try evaluate("--flow", shop.path("flow"), "--occlusions", shop.path("masks"))
        #expect(small.status == 1 && small.errors.contains("frame_0001.pgm"), "\(small.errors)")
    }

    @Test func picturesThatAreNoFrames() throws {
        for number in 1...4 {
            try Image(width: 5, height: 5).writePNM(to: shop.path("frames/mask_000\(number).ppm"))
        }
        let named = try evaluate("--frames", shop.path("frames"), "--metrics", "ssim")
        #expect(named.status == 0, "\(named.errors)")
        #expect(named.errors.contains("4 pictures without a stylized one are left out, such as mask_0001.ppm"))
        // Other names: by the pattern, if only one has as many.
        try FileManager.default.removeItem(atPath: shop.path("frames/mask_0001.ppm"))
        for number in 1...4 {
            try FileManager.default.moveItem(
                atPath: shop.path("painted/frame_000\(number).ppm"), toPath: shop.path("painted/out\(number).ppm"))
        }
        let ordered = try evaluate("--frames", shop.path("frames"), "--metrics", "ssim")
        #expect(ordered.status == 0 && ordered.errors.contains("3 pictures"), "\(ordered.errors)")
        try FileManager.default.removeItem(atPath: shop.path("frames/frame_0004.ppm"))
        let unclear = try evaluate("--frames", shop.path("frames"), "--metrics", "ssim")
        #expect(unclear.status == 1 && unclear.errors.contains("must agree"), "\(unclear.errors)")
    }

    @Test func problemsAreOneLine() throws {
        func failure(_ arguments: String...) throws -> String {
            let outcome = try Program.run(
                Program.pentimento, ["evaluate", "--stylized", shop.path("painted")] + arguments)
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(arguments)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            return outcome.errors
        }
        let frames = shop.path("frames")
        #expect(try failure("--frames", shop.path("none")).contains("none"))
        #expect(try failure("--frames", frames, "--baseline", shop.path("none")).contains("none"))
        #expect(
            try failure("--metrics", "style", "--style-image", shop.path("none.jpg"), "--loss-network", "none")
                .contains(
                    "none"))
        #expect(try failure("--sintel", frames).contains("has no clean folder"))
        try FileManager.default.removeItem(atPath: shop.path("painted/frame_0002.ppm"))
        #expect(try failure("--frames", frames, "--metrics", "ssim").contains("has no picture of"))
        try Image(width: 30, height: 20).writePNM(to: shop.path("painted/frame_0002.ppm"))
        #expect(try failure("--frames", frames, "--metrics", "ssim").contains("stylize them at one size"))
        for number in 1...4 {
            try Image(width: 30, height: 60).writePNM(to: shop.path("painted/frame_000\(number).ppm"))
        }
        #expect(try failure("--frames", frames, "--metrics", "ssim").contains("have not the same shape"))
        for number in 2...4 { try FileManager.default.removeItem(atPath: shop.path("base/frame_000\(number).ppm")) }
        #expect(try failure("--metrics", "sharpness", "--baseline", shop.path("base")).contains("must agree"))
        // A single frame has no temporal error.
        for number in 2...4 { try FileManager.default.removeItem(atPath: shop.path("painted/frame_000\(number).ppm")) }
        let single = try Program.run(
            "evaluate", "--stylized", shop.path("base"), "--frames", frames, "--metrics", "temporal,sharpness")
        #expect(single.status == 0 && single.errors.contains("need two frames"), "\(single.errors)")
    }

    @Test func scenesOfSintel() throws {
        for folder in ["clean", "flow", "occlusions", "painted"] {
            let path = shop.path(folder == "painted" ? "scenes/alley_1" : "sintel/training/\(folder)/alley_1")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try FileManager.default.createDirectory(atPath: shop.path("scenes/extras"), withIntermediateDirectories: true)
        for number in 1...3 {
            let name = "frame_000\(number)"
            let frame = try Image(contentsOfPNM: shop.path("frames/\(name).ppm"))
            try frame.write(to: shop.path("sintel/training/clean/alley_1/\(name).png"))
            try frame.write(to: shop.path("scenes/alley_1/\(name).png"))
            // No ground truth from the second frame.
            guard number == 1 else { continue }
            try FileManager.default.copyItem(
                atPath: shop.path("flow/\(name).flo"), toPath: shop.path("sintel/training/flow/alley_1/\(name).flo"))
            try Image(width: Self.width, height: Self.height).write(
                to: shop.path("sintel/training/occlusions/alley_1/\(name).png"))
        }
        let outcome = try Program.run(
            "evaluate", "--stylized", shop.path("scenes"), "--sintel", shop.path("sintel"), "--metrics",
            "temporal,ssim", "--interval", "2", "--json", "-")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("extras: no scene of"))
        #expect(outcome.errors.contains("1 pair without a known motion"))
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(try number(report, "measures", "ssim") == 1)
        #expect(try number(report, "measures", "temporal") < 1e-4)
        #expect(try number(report, "measures", "temporal_2") < 1e-3)
    }

    @Test func videos() throws {
        let clip = try shop.makeClip(frames: 5, sound: nil)
        let outcome = try Program.run(
            "evaluate", "--stylized", clip, "--frames", clip, "--metrics", "temporal,ssim", "--json", "-")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(try number(report, "measures", "ssim") == 1)
        let longer = try shop.makeClip("longer.mp4", frames: 7, sound: nil)
        let short = try Program.run("evaluate", "--stylized", longer, "--frames", clip, "--metrics", "ssim")
        #expect(short.status == 1 && short.errors.contains("has 5 frames, fewer than"), "\(short.errors)")
    }
}
