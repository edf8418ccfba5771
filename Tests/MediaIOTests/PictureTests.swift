import Foundation
import Imaging
import MediaIO
import Testing

@Suite struct PictureTests {
    /// Decoders paint the rest of a JPEG grey; here it is an error, wherever the cut is.
    @Test(arguments: [1.0, 0.99, 0.9, 0.5, 0.2])
    func picturesThatAreCutShort(share: Double) throws {
        let shop = try Workshop()
        let picture = Image(width: 80, height: 60, samples: (0..<14400).map { Float($0 * 7919 % 256) })
        for name in ["a.jpg", "a.png"] {
            let path = shop.path(name)
            try picture.write(to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try bytes.prefix(Int(Double(bytes.count) * share)).write(to: URL(fileURLWithPath: path))
            if share == 1 {
                // What cameras put behind the picture does not matter.
                if name == "a.jpg" {
                    try (bytes + Data([0xFF, 0xDA, 0, 1, 2])).write(to: URL(fileURLWithPath: path))
                }
                #expect(try Image(contentsOf: path, over: 255).width == 80)
            } else {
                #expect(throws: MediaError.self, "\(name)") { try Image(contentsOf: path, over: 255) }
            }
        }
    }
}
