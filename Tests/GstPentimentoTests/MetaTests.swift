import CGStreamer
import Flow
import GstPentimento
import Imaging
import Testing

/// How transformations affect the metas.
@Suite struct MetaTests {
    private static let attaching = "opticalflow references=1,2 ! occlusioncheck ! flowwarp source=input"

    private func last(through text: String) throws -> OutputFrame {
        try #require(
            try TestPipeline.run(TestFrame.sequence(4), through: "\(Self.attaching) \(text)").last)
    }

    /// Compared outside of the expectation, which would print every value.
    private func expectWhole(_ frame: OutputFrame, as reference: OutputFrame) throws {
        #expect(frame.flows.map(\.distance) == [1, 2])
        #expect(frame.flow?.frame == 3)
        let sameFlow = frame.flow?.flow == reference.flow?.flow
        let certainty = try #require(frame.certainty)
        let sameCertainty =
            certainty.backward == reference.certainty?.backward && certainty.forward == reference.certainty?.forward
            && certainty.longTerm == reference.certainty?.longTerm && certainty.longTerm != nil
        let prior = try #require(frame.prior?.content)
        let samePrior =
            prior.image == reference.prior?.content?.image
            && prior.certainty == reference.prior?.content?.certainty
        #expect(sameFlow && sameCertainty && samePrior)
    }

    @Test(arguments: [
        "! queue", "! identity", "! identity single-segment=true ! queue ! identity",
        "! videoconvert ! video/x-raw,format=BGRx",
        "! videoconvert ! video/x-raw,format=I420 ! videoconvert ! video/x-raw,format=RGB",
        "! tee name=t t. ! queue ! fakesink sync=false async=false t. ! queue",
        "! videoscale ! video/x-raw,width=32,height=24",
        "! videoconvertscale ! video/x-raw,format=ARGB,width=96,height=72",
        "! videorate ! video/x-raw,framerate=25/1",
    ])
    func survive(_ text: String) throws {
        try expectWhole(try last(through: text), as: try last(through: ""))
    }

    @Test(arguments: [
        "! videocrop left=8 ! videoconvert", "! videoflip video-direction=90r", "! videoflip video-direction=horiz",
        "! videobox left=-8", "! videoscale ! video/x-raw,width=64,height=24,pixel-aspect-ratio=1/1",
        "! aspectratiocrop aspect-ratio=1/1",
    ])
    func goWithTheirImage(_ text: String) throws {
        let frame = try last(through: text)
        let isBare = frame.flows.isEmpty && frame.certainty == nil && frame.prior == nil
        #expect(isBare)
    }

    @Test func otherLanguagesReadTheBytes() throws {
        let frame = try last(through: "")
        let api = g_type_from_name(PENTIMENTO_FLOW_META_API)
        var state: gpointer?
        let meta = try #require(gst_buffer_iterate_meta_filtered(frame.buffer, &state, api))
        let flow = UnsafeMutableRawPointer(meta).assumingMemoryBound(to: PentimentoFlowMeta.self).pointee
        #expect(flow.distance == 1 && flow.width == 64 && flow.height == 48 && flow.discontinuity == 0)
        var values = [Float](repeating: 0, count: 2 * 64 * 48)
        let size = values.count * MemoryLayout<Float>.size
        #expect(gst_buffer_get_size(flow.backward) == gsize(size))
        #expect(gst_buffer_extract(flow.backward, 0, &values, gsize(size)) == gsize(size))
        let swift = try #require(frame.flow?.flow?.backward)
        let isSame = values == swift.u + swift.v
        #expect(isSame)
    }
}
