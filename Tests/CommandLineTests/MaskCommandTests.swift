import Foundation
import Imaging
import MediaIO
import TestSupport
import Testing

/// `pentimento stylize --mask`.
@Suite struct MaskCommandTests {
    /// White at the right half.
    private func makeMask(_ shop: Workshop) throws -> String {
        let path = shop.path("mask.png")
        let plane = (0..<10 * 6).map { Float($0 % 10 < 5 ? 0 : 255) }
        try Image(width: 10, height: 6, samples: plane + plane + plane).write(to: path)
        return path
    }

    private func columns(_ image: Image, _ columns: Range<Int>) -> [Float] {
        image.samples.enumerated().filter { columns.contains($0.offset % image.width) }.map(\.element)
    }

    @Test func onlyTheMasksPartIsPainted() throws {
        let shop = try Workshop()
        let input = try shop.makeImage("in.png", format: "RGB", size: (40, 24))
        let mask = try makeMask(shop)
        func painted(_ name: String, _ options: String...) throws -> Image {
            let output = shop.path(name)
            let outcome = try Program.run(
                Program.pentimento, ["stylize", input, "-o", output, "--per-frame"] + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try Image(contentsOf: output)
        }
        let (original, whole) = (try Image(contentsOf: input), try painted("whole.png"))
        let masked = try painted("masked.png", "--mask", mask)
        #expect(columns(masked, 0..<18) == columns(original, 0..<18))
        #expect(columns(masked, 22..<40) == columns(whole, 22..<40))
        #expect(columns(masked, 22..<40) != columns(original, 22..<40))
        let inverted = try painted("inverted.png", "--mask", mask, "--mask-invert")
        #expect(columns(inverted, 0..<18) == columns(whole, 0..<18))
        #expect(columns(inverted, 22..<40) == columns(original, 22..<40))
        let soft = try painted("soft.png", "--mask", mask, "--mask-feather", "8")
        #expect(columns(soft, 18..<22) != columns(masked, 18..<22))
    }

    @Test func wrongMasksSayWhatIsWrong() throws {
        let shop = try Workshop()
        let input = try shop.makeImage("in.png", format: "RGB", size: (40, 24))
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: shop.path("text.png")))
        for (options, status, word) in [
            (["--mask", "/nowhere/mask.png"], 1, "/nowhere/mask.png"),
            (["--mask", shop.path("text.png")], 1, "text.png"),
            (["--mask-invert"], 2, "--mask"), (["--mask", "alpha", "--alpha", "off"], 2, "--alpha off"),
        ] as [([String], Int32, String)] {
            let outcome = try Program.run(
                Program.pentimento, ["stylize", input, "-o", shop.path("out.png"), "--per-frame"] + options)
            #expect(outcome.status != 0 && outcome.errors.contains(word), "\(status): \(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: shop.path("out.png")))
        }
    }
}
