import Foundation
import Imaging
import TestSupport
import Testing

/// `survey`.
@Suite struct SurveyCommandTests {
    @Test func thePageHoldsEveryClip() throws {
        let shop = try Workshop()
        let clips = try ["one.mp4", "two.mp4"].enumerated().map {
            try shop.makeClip($1, frames: 5 + $0, sound: nil)
        }
        let painting = shop.path("painting.png")
        try Image(width: 20, height: 30, repeating: 99).write(to: painting)
        let page = shop.path("survey.html")
        let outcome = try Program.run(
            "survey", "--a", clips[0], "--b", clips[1], "--style-image", painting, "-o", page)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let text = try String(contentsOfFile: page, encoding: .utf8)
        for path in clips + [painting] {
            let bytes = try #require(FileManager.default.contents(atPath: path)).base64EncodedString()
            #expect(text.components(separatedBy: bytes).count == 2, "\(path)")
        }
        // Nothing outside of the page, and no placeholder.
        #expect(!text.contains("{{") && !text.contains("http"))
        for question in ["style of the painting", "less flickering", "Overall"] { #expect(text.contains(question)) }
        // Which version is which is only said in the data.
        #expect(text.components(separatedBy: "data-version=\"a\"").count == 2)
        let again = try Program.run("survey", "--a", clips[0], "--b", clips[1], "-o", page)
        #expect(again.status == 1 && again.errors.contains("survey.html"))
    }

    @Test func foldersBecomeClips() throws {
        let shop = try Workshop()
        for folder in ["a", "b"] {
            try FileManager.default.createDirectory(atPath: shop.path(folder), withIntermediateDirectories: true)
            _ = try shop.makeFrames("\(folder)/frame_%03d.png", count: 4)
        }
        let page = shop.path("survey.html")
        let outcome = try Program.run("survey", "--a", shop.path("a"), "--b", shop.path("b"), "-o", page)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let clips = text.matches(of: /<script type="video\/webm"[^>]*>([A-Za-z0-9+\/=]+)<\/script>/)
        #expect(clips.count == 2)
        let clip = try #require(clips.first)
        let bytes = try #require(Data(base64Encoded: String(clip.output.1)))
        try bytes.write(to: URL(fileURLWithPath: shop.path("clip.webm")))
        #expect(try Workshop.size(of: shop.path("clip.webm")) == "40,30")
        #expect(try Workshop.times(of: shop.path("clip.webm")).count == 4)
    }

    @Test func problems() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3, sound: nil)
        let page = shop.path("survey.html")
        #expect(try Program.run("survey", "--a", clip, "--b", clip, "--b", clip, "-o", page).status == 2)
        let missing = try Program.run("survey", "--a", clip, "--b", shop.path("none.mp4"), "-o", page)
        #expect(missing.status == 1 && missing.errors.contains("none.mp4"))
        let picture = shop.path("a.png")
        try Image(width: 20, height: 30).write(to: picture)
        let still = try Program.run("survey", "--a", clip, "--b", picture, "-o", page)
        #expect(still.status == 1 && still.errors.contains("is a picture"))
        #expect(shop.files == ["a.png", "clip.mp4"])
    }
}
