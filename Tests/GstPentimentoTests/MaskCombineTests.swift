import CGStreamer
import GStreamerKit
import GstPentimento
import Imaging
import TestSupport
import Testing

/// The second input of `maskcombine`.
@Suite(.serialized) struct MaskCombineTests {
    /// `count` frames that carry masks.
    private func output(
        frames: String, masks: String, then text: String = "identity"
    ) throws -> [(frame: OutputFrame, mask: Plane<UInt8>?)] {
        let pipeline = try TestPipeline(
            "videotestsrc \(frames) ! mask.sink videotestsrc \(masks) ! mask.mask "
                + "maskcombine name=mask ! \(text) ! appsink name=out sync=false")
        pipeline.play()
        return try pipeline.pullAll().map { ($0, MaskMeta.find(in: $0.buffer)) }
    }

    private static let video = "num-buffers=20 ! video/x-raw,format=I420,width=64,height=48,framerate=25/1"

    /// The mean of a mask of one level.
    private func levels(_ output: [(frame: OutputFrame, mask: Plane<UInt8>?)]) -> [UInt8?] {
        output.map { $0.mask?[0, 0] }
    }

    /// The pattern `blink` is black and white in turn.
    @Test(arguments: [5, 10, 25, 50, 100]) func eachFrameGetsTheMaskOfItsTime(rate: Int) throws {
        let masks =
            "pattern=blink num-buffers=\(rate) ! video/x-raw,format=I420,width=16,height=12,framerate=\(rate)/1"
        let found = levels(try output(frames: Self.video, masks: masks))
        let first = try #require(found.first ?? nil)
        let expected = (0..<20).map { index -> UInt8? in index * rate / 25 % 2 == 0 ? first : 255 - first }
        #expect(found == expected)
    }

    /// White is 255 in each format, also in those whose luma ends at 235; GRAY8 is as it is.
    @Test(arguments: ["I420", "NV12", "I420_10LE", "RGB", "BGRA"]) func whiteIsWholeInAllFormats(format: String) throws
    {
        for (pattern, level) in [("white", 255), ("black", 0)] {
            let masks =
                "pattern=\(pattern) num-buffers=20 ! video/x-raw,format=\(format),width=16,height=12,framerate=25/1"
            let found = levels(try output(frames: Self.video, masks: masks))
            #expect(found == Array(repeating: UInt8(level), count: 20))
        }
        let grey = "video/x-raw,format=RGB,width=16,height=12,framerate=25/1 ! videoconvert ! video/x-raw,format=GRAY8"
        #expect(levels(try output(frames: Self.video, masks: "pattern=white num-buffers=20 ! \(grey)")).last == 255)
    }

    @Test func theLastMaskStays() throws {
        let masks = "pattern=white num-buffers=2 ! video/x-raw,format=I420,width=16,height=12,framerate=25/1"
        #expect(levels(try output(frames: Self.video, masks: masks)) == Array(repeating: 255, count: 20))
    }

    /// A mask that begins later is used from the first frame on.
    @Test func theFirstMaskIsUsedBefore() throws {
        let masks =
            "pattern=white num-buffers=9 timestamp-offset=200000000 ! video/x-raw,format=I420,width=16,height=12,framerate=25/1"
        #expect(levels(try output(frames: Self.video, masks: masks)) == Array(repeating: 255, count: 20))
    }

    @Test func withoutAMaskPadFramesPass() throws {
        let pipeline = try TestPipeline(
            "videotestsrc \(Self.video) ! maskcombine ! appsink name=out sync=false")
        pipeline.play()
        let frames = try pipeline.pullAll()
        #expect(frames.count == 20 && frames.allSatisfy { MaskMeta.find(in: $0.buffer) == nil })
        #expect(frames.enumerated().allSatisfy { $1.time == GstClockTime($0) * 40_000_000 })
    }

    /// White paints, black keeps, in any format and behind every chain.
    @Test(arguments: ["I420", "NV12", "RGBA", "P010_10LE"], ["stylize", "coherentstylize"])
    func framesArePaintedByTheSecondInput(format: String, element: String) throws {
        let video = "num-buffers=3 ! video/x-raw,format=\(format),width=64,height=46,framerate=25/1"
        func bytes(_ pattern: String, _ text: String) throws -> [[UInt8]] {
            let masks = "pattern=\(pattern) num-buffers=3 ! video/x-raw,format=I420,width=9,height=11,framerate=25/1"
            return try output(frames: video, masks: masks, then: text).map(\.frame.bytes)
        }
        let (original, painted) = (try bytes("white", "identity"), try bytes("white", "\(element) mask=none"))
        #expect(original.count == 3 && original != painted)
        #expect(try bytes("white", element) == painted)
        #expect(try bytes("black", element) == original)
        #expect(try bytes("black", "\(element) mask-invert=true") == painted)
        // Two styles, one where the other is not, by two elements.
        #expect(try bytes("black", "\(element) ! \(element) mask-invert=true mask=none") == painted)
    }

    /// A live source waits for no mask.
    @Test(.timeLimit(.minutes(1))) func aStalledMaskHoldsNothingUp() throws {
        let pipeline = try TestPipeline(
            "videotestsrc is-live=true num-buffers=10 ! video/x-raw,format=RGB,width=32,height=24,framerate=25/1 ! queue ! mask.sink "
                + "appsrc name=in is-live=true format=time caps=video/x-raw,format=GRAY8,width=8,height=8,framerate=25/1 ! queue ! mask.mask "
                + "maskcombine name=mask ! appsink name=out sync=false")
        pipeline.play()
        #expect(try pipeline.pullAll().count == 10)
    }

    /// One payload for all frames of one mask; released with them.
    @Test func seeksAndStopsForgetTheMask() throws {
        let pipeline = try TestPipeline(
            "videotestsrc \(Self.video) ! mask.sink videotestsrc num-buffers=20 ! "
                + "video/x-raw,format=GRAY8,width=8,height=8,framerate=25/1 ! mask.mask "
                + "maskcombine name=mask ! appsink name=out sync=false")
        for _ in 0..<3 {
            try pipeline.setState(GST_STATE_PAUSED)
            #expect(pipeline.seek(to: 200_000_000))
            pipeline.play()
            let frames = try pipeline.pullAll()
            #expect(!frames.isEmpty && frames.allSatisfy { MaskMeta.find(in: $0.buffer) != nil })
            try pipeline.setState(GST_STATE_NULL)
        }
    }
}
