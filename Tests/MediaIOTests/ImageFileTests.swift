import Conversions
import Foundation
import Imaging
import MediaIO
import Testing

@Suite struct ImageFileTests {
    /// Decoders fill the missing part of a truncated JPEG with grey; here truncation is an error at any position.
    @Test(arguments: [1.0, 0.99, 0.9, 0.5, 0.2])
    func truncatedJPEGs(share: Double) throws {
        let shop = try Workshop()
        let image = Image(width: 80, height: 60, samples: (0..<14400).map { Float($0 * 7919 % 256) })
        for name in ["a.jpg", "a.png"] {
            let path = shop.path(name)
            try image.write(to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try bytes.prefix(Int(Double(bytes.count) * share)).write(to: URL(fileURLWithPath: path))
            if share == 1 {
                // Trailing data, as written by cameras, are ignored.
                if name == "a.jpg" {
                    try (bytes + Data([0xFF, 0xDA, 0, 1, 2])).write(to: URL(fileURLWithPath: path))
                }
                #expect(try Image(contentsOf: path, over: 255).width == 80)
            } else {
                #expect(throws: MediaError.self, "\(name)") { try Image(contentsOf: path, over: 255) }
            }
        }
    }

    /// The orientation tag of a JPEG rotates the image.
    @Test func orientationTagIsApplied() throws {
        let shop = try Workshop()
        let path = shop.path("turned.jpg")
        // Dark on the left; a clockwise rotation by 90 degrees moves it to the top.
        try Image(width: 80, height: 48, samples: (0..<11520).map { $0 % 80 < 40 ? 0 : 255 }).write(to: path)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // Exif with one entry, orientation 6, after the first marker.
        let exif: [UInt8] =
            [0xFF, 0xE1, 0, 34] + Array("Exif".utf8) + [0, 0] + Array("MM".utf8)
            + [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
        bytes.insert(contentsOf: exif, at: 2)
        try bytes.write(to: URL(fileURLWithPath: path))
        let image = try Image(contentsOf: path, over: 255)
        #expect(image.width == 48 && image.height == 80)
        #expect(image.samples[24] < 8 && image.samples[79 * 48 + 24] > 247)
    }
}

/// A reader waits for frames as long as it takes, but not longer than it is wanted.
@Suite struct CancelledReadingTests {
    @Test func aCancelledReaderStops() throws {
        let reader = try FrameReader(Workshop.bundledClip)
        #expect(try reader.next() != nil)
        let cancellation = Cancellation()
        cancellation.request()
        #expect(throws: MediaError.self) { try cancellation.follow { try reader.next() } }
    }
}
