import Conversions
import Imaging
import MediaIO
import Testing

@Suite(.serialized) struct ClipWriterTests {
    /// A grey that changes from frame to frame.
    private func frame(_ number: Int, width: Int = 64, height: Int = 48) -> Image {
        Image(width: width, height: height, repeating: Float(40 + 20 * number))
    }

    @Test(arguments: ["clip.mp4", "clip.mov", "clip.mkv", "clip.webm"])
    func framesAndTheirTimes(name: String) throws {
        let shop = try Workshop()
        let writer = try ClipWriter(shop.path(name), width: 64, height: 48, frameRate: 24)
        for number in 0..<9 { try writer.append(frame(number)) }
        // The file does not exist before it is complete.
        #expect(!shop.files.contains(name))
        try writer.finish()
        #expect(shop.files == [name])
        let reader = try FrameReader(shop.path(name))
        var first: Double?
        for number in 0..<9 {
            let read = try #require(try reader.next())
            let time = try #require(read.time)
            first = first ?? time
            #expect(abs(time - (first ?? 0) - Double(number) / 24) < 0.0011)
            let middle = read.image.samples[24 * 64 + 32]
            #expect(abs(middle - Float(40 + 20 * number)) < 8, "frame \(number)")
        }
        #expect(try reader.next() == nil)
    }

    @Test func unfinishedClipLeavesNoFile() throws {
        let shop = try Workshop()
        do {
            let writer = try ClipWriter(shop.path("clip.mp4"), width: 64, height: 48, frameRate: 10)
            try writer.append(frame(0))
        }
        #expect(shop.files.isEmpty)
    }

    @Test func invalidOutputs() throws {
        let shop = try Workshop()
        #expect(throws: MediaError.self) { try ClipWriter(shop.path("a.png"), width: 64, height: 48, frameRate: 10) }
        #expect(throws: MediaError.self) { try ClipWriter(shop.path("a.mp4"), width: 9, height: 48, frameRate: 10) }
        #expect(throws: MediaError.self) {
            try ClipWriter(shop.path("none/a.mp4"), width: 64, height: 48, frameRate: 10)
        }
        try Image(width: 8, height: 8).write(to: shop.path("a.png"))
        #expect(throws: MediaError.self) { try ClipWriter(shop.path("a.xyz"), width: 64, height: 48, frameRate: 10) }
    }

    @Test func oddSizesKeepTheirPixels() throws {
        let shop = try Workshop()
        let writer = try ClipWriter(shop.path("odd.mp4"), width: 65, height: 37, frameRate: 10)
        try writer.append(frame(3, width: 65, height: 37))
        try writer.finish()
        let input = try MediaInput(shop.path("odd.mp4"))
        #expect(input.width == 65 && input.height == 37)
    }
}
