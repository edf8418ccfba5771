import CGStreamer
import Flow
import GStreamerKit
import GstPentimento
import Imaging
import Style
import Testing

/// `flowwarp` with the test as the stylizer: checks the feedback protocol.
@Suite struct FeedbackTests {
    private let pipeline: TestPipeline
    private let frames = TestFrame.sequence(6)

    init() throws {
        pipeline = try TestPipeline(
            "appsrc name=in format=time ! opticalflow ! occlusioncheck ! flowwarp name=warp ! "
                + "appsink name=out sync=false enable-last-sample=false"
        )
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
    }

    /// Sends an event upstream from the sink. Returns whether it was handled.
    private func send(_ name: String, stylizer: UInt64, _ fill: (StructureWriter) -> Void = { _ in }) throws -> Bool {
        let structure = try #require(StructureWriter("pentimento/\(name)"))
        structure.set("stylizer", stylizer)
        fill(structure)
        let event = gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, structure.take())
        return gst_element_send_event(try pipeline.child("out"), event) != 0
    }

    private func register(_ stylizer: UInt64, width: Int = 0, height: Int = 0, fill: String = "mean") throws -> Bool {
        try send("register", stylizer: stylizer) {
            $0.set("width", width)
            $0.set("height", height)
            $0.set("fill", fill)
        }
    }

    private func answer(_ frame: OutputFrame, with image: Image, stylizer: UInt64) throws {
        let number = try #require(frame.prior?.frame)
        let taken = try send("stylized", stylizer: stylizer) {
            $0.set("frame", number)
            $0.set("width", image.width)
            $0.set("height", image.height)
            $0.set("picture", taking: FloatPayload.make([image.samples]))
        }
        #expect(taken)
    }

    private func next(_ index: Int) throws -> OutputFrame {
        pipeline.push([frames[index]])
        return try #require(try pipeline.pull())
    }

    private func image(_ value: Float, width: Int = 64, height: Int = 48) -> Image {
        var image = Image(width: width, height: height)
        for index in image.samples.indices { image.samples[index] = value + Float(index % 97) }
        return image
    }

    @Test func theResultComesBackWarped() throws {
        _ = try next(0)
        #expect(try register(7))
        let first = try next(1)
        #expect(first.prior?.owner == 7)
        #expect(first.prior?.content == nil)
        let result = image(3)
        try answer(first, with: result, stylizer: 7)
        let second = try next(2)
        let flow = try #require(second.flow?.flow)
        let certainty = try #require(second.certainty)
        let expected = Prior(warping: result, by: flow.backward, certainty: certainty.backward, interpolation: .bicubic)
        let isSame =
            second.prior?.content?.image == expected.image && second.prior?.content?.certainty == expected.certainty
        #expect(isSame)
        #expect(second.prior?.frame == (first.prior?.frame ?? 0) + 1)
    }

    @Test func settingsChangeThePrior() throws {
        try pipeline.set("interpolation", of: "warp", to: "bilinear")
        try pipeline.set("fill", of: "warp", to: "noise")
        #expect(try register(7, width: 32, height: 24))
        let first = try next(0)
        try answer(first, with: image(3, width: 32, height: 24), stylizer: 7)
        let second = try next(1)
        let content = try #require(second.prior?.content)
        #expect(content.image.width == 32 && content.image.height == 24)
        // Noise is within the value range and differs from the warped image.
        let uncertain = content.certainty.values.indices.filter { content.certainty.values[$0] == 0 }
        try #require(uncertain.count > 10)
        let values = uncertain.map { content.image.samples[$0] + 103.939 }
        #expect(values.allSatisfy { $0 >= 0 && $0 <= 255 })
        #expect(Set(values).count > values.count / 2)
        let flow = try #require(second.flow?.flow?.backward.resized(width: 32, height: 24))
        let warped = image(3, width: 32, height: 24).warped(by: flow, interpolation: .bilinear)
        let certain = content.certainty.values.indices.filter { content.certainty.values[$0] == 1 }
        #expect(certain.allSatisfy { content.image.samples[$0] == warped.samples[$0] } && certain.count > 10)
    }

    @Test func aSecondStylizerIsRefusedWithAWarning() throws {
        #expect(try register(7))
        #expect(try register(7, width: 8, height: 8), "one may say more of itself later")
        #expect(try !register(8))
        let warning = try #require(pipeline.waitForMessage([GST_MESSAGE_WARNING]))
        #expect(warning.text.contains("second stylizer"))
        #expect(try send("leave", stylizer: 7))
        #expect(try register(8))
    }

    @Test func implausibleResolutionIsIgnored() throws {
        #expect(try register(7, width: Int(Int32.max), height: Int(Int32.max)))
        let first = try next(0)
        try answer(first, with: image(3), stylizer: 7)
        let second = try next(1)
        #expect(second.prior?.content?.image.width == 64)
        #expect(pipeline.waitForMessage([GST_MESSAGE_WARNING], nanoseconds: 0) != nil)
    }

    @Test func priorOfASkippedFrameIsWarped() throws {
        #expect(try register(7))
        let first = try next(0)
        try answer(first, with: image(3), stylizer: 7)
        let second = try next(1)
        let number = try #require(second.prior?.frame)
        #expect(try send("skipped", stylizer: 7) { $0.set("frame", number) })
        let third = try next(2)
        let before = try #require(second.prior?.content)
        let content = try #require(third.prior?.content)
        let flow = try #require(third.flow?.flow)
        let warped = before.image.warped(by: flow.backward, interpolation: .bicubic)
        let certain = content.certainty.values.indices.filter { content.certainty.values[$0] == 1 }
        let known = Image(width: 64, height: 48, channels: 1, samples: before.certainty.values)
            .warped(by: flow.backward, interpolation: .bilinear)
        #expect(certain.allSatisfy { known.samples[$0] > 0.99 }, "what was uncertain before stays so")
        #expect(before.certainty.values.contains(0))
        // The third is warped from the first frame's result in one step, so that it is interpolated once.
        let differences = certain.map { abs(content.image.samples[$0] - warped.samples[$0]) }
        #expect(certain.count > 100)
        let unmoved = certain.map { abs(content.image.samples[$0] - before.image.samples[$0]) }
        #expect(differences.reduce(0, +) < 0.5 * unmoved.reduce(0, +))
    }

    @Test func droppedFrameEndsTheWait() throws {
        #expect(try register(7))
        let drop = try PadDrop([0], at: "src", of: "warp", in: pipeline)
        defer { withExtendedLifetime(drop) {} }
        pipeline.push([frames[0]])
        let second = try next(1)
        #expect(second.prior?.frame == 2)
        #expect(second.prior?.content == nil)
    }

    @Test func unrelatedAnswersAreIgnored() throws {
        #expect(try register(7))
        let first = try next(0)
        let number = try #require(first.prior?.frame)
        let wrong = image(9)
        _ = try send("stylized", stylizer: 7) {
            $0.set("frame", number + 5)
            $0.set("width", 64)
            $0.set("height", 48)
            $0.set("picture", taking: FloatPayload.make([wrong.samples]))
        }
        #expect(try !send("skipped", stylizer: 9) { $0.set("frame", number) })
        #expect(try !send("nonsense", stylizer: 7))
        #expect(try send("skipped", stylizer: 7) { $0.set("frame", number) })
        #expect(try next(1).prior?.content == nil)
    }

    @Test func imageOfAWrongSizeCountsAsSkipped() throws {
        #expect(try register(7))
        let first = try next(0)
        let number = try #require(first.prior?.frame)
        _ = try send("stylized", stylizer: 7) {
            $0.set("frame", number)
            $0.set("width", 64)
            $0.set("height", 48)
            $0.set("picture", taking: FloatPayload.make([[1, 2, 3]]))
        }
        #expect(try next(1).prior?.content == nil)
    }

    @Test func framesLostOnTheWayLeaveNoStalePrior() throws {
        let lossy = try TestPipeline(
            "appsrc name=in format=time ! opticalflow ! occlusioncheck ! flowwarp name=warp source=input ! "
                + "appsink name=out sync=false")
        let drop = try PadDrop([3], at: "sink", of: "warp", in: lossy)
        defer { withExtendedLifetime(drop) {} }
        lossy.setCaps(frames[0].caps)
        lossy.play()
        lossy.push(frames)
        lossy.endStream()
        #expect(try lossy.pullAll().map { $0.prior?.content != nil } == [false, true, true, false, true])
    }
}
