import CGStreamer
import Flow
import FoundationEssentials
import GstPentimento
import Testing

/// `opticalflow` with flow from files.
@Suite final class FlowFileTests {
    private let folder: String

    init() throws {
        folder = "\(FileManager.default.temporaryDirectory.path)/pentimento-flow-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func flow(_ from: Int, _ to: Int, width: Int = 64, height: Int = 48) -> FlowField {
        let count = width * height
        return FlowField(
            width: width, height: height, u: Array(repeating: Float(from) + 0.25, count: count),
            v: Array(repeating: Float(to) - 0.5, count: count))
    }

    private func write(_ pairs: [(Int, Int)]) throws {
        for (current, earlier) in pairs {
            try flow(current, earlier).write(to: "\(folder)/backward_\(current)_\(earlier).flo")
            try flow(earlier, current).write(to: "\(folder)/forward_\(earlier)_\(current).flo")
        }
    }

    private var patterns: String {
        "flow-pattern=\"\(folder)/backward_[%d]_{%d}.flo\" reverse-flow-pattern=\"\(folder)/forward_[%d]_{%d}.flo\""
    }

    @Test func filesAreNumberedFromOne() throws {
        try write([(2, 1), (3, 2), (3, 1)])
        let outputs = try TestPipeline.run(TestFrame.sequence(3), through: "opticalflow references=1,2 \(patterns)")
        try #require(outputs.count == 3)
        #expect(outputs[0].flow?.isDiscontinuity == true)
        let isSame =
            outputs[1].flow?.flow == FlowPair(backward: flow(2, 1), forward: flow(1, 2))
            && outputs[2].flows.last?.flow == FlowPair(backward: flow(3, 1), forward: flow(1, 3))
        #expect(isSame)
        #expect(outputs[2].flows.map(\.distance) == [1, 2])
    }

    @Test func fileNumbersFollowASeek() throws {
        try write([(27, 26)])
        let pipeline = try TestPipeline(
            "videotestsrc ! video/x-raw,format=RGB,width=64,height=48,framerate=25/1 ! opticalflow \(patterns) ! "
                + "appsink name=out sync=false")
        try pipeline.setState(GST_STATE_PAUSED)
        #expect(pipeline.seek(to: 1_000_000_000))
        pipeline.play()
        let outputs = [try #require(try pipeline.pull()), try #require(try pipeline.pull())]
        #expect(outputs.map(\.time) == [1_000_000_000, 1_040_000_000])
        #expect(outputs[0].flow?.isDiscontinuity == true)
        let isSame = outputs[1].flow?.flow == FlowPair(backward: flow(27, 26), forward: flow(26, 27))
        #expect(isSame)
    }

    private func error(_ settings: String) throws -> String {
        let pipeline = try TestPipeline("appsrc name=in format=time ! opticalflow \(settings) ! fakesink")
        let frames = TestFrame.sequence(3)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        let message = try #require(pipeline.waitForMessage([GST_MESSAGE_ERROR, GST_MESSAGE_EOS]))
        #expect(message.type == GST_MESSAGE_ERROR)
        return message.text
    }

    @Test func aMissingFileIsNamed() throws {
        try write([(2, 1)])
        #expect(try error(patterns).contains("backward_3_2.flo"))
    }

    @Test func flowOfAnotherAspectRatioIsRefused() throws {
        try flow(2, 1, width: 48, height: 64).write(to: "\(folder)/backward_2_1.flo")
        let text = try error(patterns)
        #expect(text.contains("48x64") && text.contains("64x48"))
    }

    @Test func onePatternAloneOrAMalformedOneIsRefused() throws {
        #expect(try error("flow-pattern=\"a_[%d]_{%d}.flo\"").contains("reverse-flow-pattern"))
        #expect(
            try error("flow-pattern=\"a_[%d].flo\" reverse-flow-pattern=\"b_[%d]_{%d}.flo\"").contains("a_[%d].flo"))
    }
}
