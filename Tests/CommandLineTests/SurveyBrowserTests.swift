import Foundation
import TestSupport
import Testing

/// The page of `survey` in a browser, played through and answered.
@Suite struct SurveyBrowserTests {
    private static let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test func aPersonCanAnswer() throws {
        guard let browser = Self.browser else {
            try TestData.skip("no browser; install the Debian package chromium")
        }
        let shop = try Workshop()
        let clips = try [(64, 48), (80, 48)].enumerated().map { index, size in
            try shop.makeClip("clip \(index).mp4", frames: 10, size: size, sound: nil)
        }
        try FileManager.default.createDirectory(atPath: shop.path("frames"), withIntermediateDirectories: true)
        _ = try shop.makeFrames("frames/frame_%03d.png", count: 4, size: (40, 30))
        let painting = try shop.makeImage("painting.png", format: "RGB", size: (50, 40))
        let outcome = try Program.run(
            "survey", "--a", clips[0], "--b", shop.path("frames"), "--a", clips[1], "--b", clips[0], "--style-image",
            painting, "-o", shop.path("survey.html"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let player = "\(TestData.repository)/Tests/CommandLineTests/Fixtures/survey-player.html"
        try
            (String(contentsOfFile: shop.path("survey.html"), encoding: .utf8)
            + String(contentsOfFile: player, encoding: .utf8))
            .write(toFile: shop.path("played.html"), atomically: true, encoding: .utf8)

        let lines = try said(by: "file://\(shop.path("played.html"))", in: browser, shop)
        #expect(lines.last == "end" && !lines.contains { $0.hasPrefix("error") }, "\(lines)")
        #expect(
            Set(lines.filter { $0.hasPrefix("sizes ") }.map { Set($0.dropFirst(6).split(separator: " ")) })
                == [["64x48", "40x30"], ["80x48", "64x48"]])
        let file = try #require(lines.first { $0.hasPrefix("file ") }?.dropFirst(5))
        let text = try JSONDecoder().decode(String.self, from: Data(file.utf8))
        let rows = text.components(separatedBy: "\r\n").map { $0.components(separatedBy: ",") }
        #expect(rows.first == ["round", "clip", "left", "right", "style", "flicker", "overall"].map { "\"\($0)\"" })
        let answers = rows.dropFirst().dropLast()
        #expect(Set(answers.map { $0[1] }) == ["\"1 clip 0.mp4\"", "\"2 clip 1.mp4\""])
        for row in answers {
            #expect(Set(row[2...3]) == ["\"a\"", "\"b\""])
            // The player says left, right and undecided.
            #expect(Array(row[4...6]) == [row[2], row[3], "\"undecided\""])
        }
    }

    /// What the page says on its console until it says `end`, or a minute is over.
    private func said(by address: String, in browser: String, _ shop: Workshop) throws -> [String] {
        let process = try Program.start(
            browser,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                "--user-data-dir=\(shop.path("browser"))", address,
            ])
        for _ in 0..<600 {
            let text = process.errors
            let lines = text.components(separatedBy: "\n").compactMap { line -> String? in
                guard let start = line.range(of: "\"survey: "), let end = line.range(of: "\", source: ") else {
                    return nil
                }
                return String(line[start.upperBound..<end.lowerBound])
            }
            if lines.last == "end" { return lines }
            usleep(100_000)
        }
        return ["error: no end within a minute: \(process.errors)"]
    }
}
