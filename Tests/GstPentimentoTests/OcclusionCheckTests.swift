import CGStreamer
import Flow
import GstPentimento
import Imaging
import Testing

@Suite struct OcclusionCheckTests {
    private func last(_ text: String, count: Int = 4) throws -> OutputFrame {
        try #require(try TestPipeline.run(TestFrame.sequence(count), through: text).last)
    }

    @Test func sameAsTheCheckAlone() throws {
        let output = try last("opticalflow ! occlusioncheck min-filter=1")
        let flow = try #require(output.flow?.flow)
        let certainty = try #require(output.certainty)
        let check = ConsistencyCheck()
        let isSame =
            certainty.backward == check.certainty(of: flow.backward, reverse: flow.forward)
            && certainty.forward == check.certainty(of: flow.forward, reverse: flow.backward)
        #expect(isSame)
        #expect(certainty.longTerm == nil)
        #expect(certainty.backward.values.contains(0) && certainty.backward.values.contains(1))
        let one = try #require(try last("opticalflow ! occlusioncheck min-filter=1 forward=false").certainty)
        let isSameBackward = one.backward == certainty.backward
        #expect(isSameBackward && one.forward == nil)
    }

    @Test func everyPropertyChangesTheResult() throws {
        let flow = try #require(try last("opticalflow").flow?.flow)
        let output = try last(
            "opticalflow ! occlusioncheck min-filter=1 consistency-scale=0 consistency-offset=0.001 boundary-scale=0 "
                + "boundary-offset=0.00001")
        let check = ConsistencyCheck(scale: 0, offset: 0.001, boundaryScale: 0, boundaryOffset: 0.00001)
        let isSame = output.certainty?.backward == check.certainty(of: flow.backward, reverse: flow.forward)
        let isOther =
            output.certainty?.backward != ConsistencyCheck().certainty(of: flow.backward, reverse: flow.forward)
        #expect(isSame && isOther)
        let smooth = try last("opticalflow ! occlusioncheck min-filter=1 motion-boundaries=false boundary-offset=0")
        let isSmooth =
            smooth.certainty?.backward
            == ConsistencyCheck(motionBoundaries: false).certainty(of: flow.backward, reverse: flow.forward)
        #expect(isSmooth)
    }

    @Test func minimumFilterIsMeasuredAtFullResolution() throws {
        let plain = try #require(try last("opticalflow scale=0.5 ! occlusioncheck min-filter=1").certainty)
        let filtered = try #require(try last("opticalflow scale=0.5 ! occlusioncheck min-filter=7").certainty)
        // A radius of three pixels at full resolution is two at half.
        let isSame = filtered.backward == plain.backward.minimumFiltered(size: 5)
        #expect(isSame)
    }

    @Test func longTermWeightsComeAfterTheMinimumFilter() throws {
        let output = try last("opticalflow references=1,2,3 ! occlusioncheck min-filter=3", count: 5)
        let metas = CertaintyMeta.all(of: output.buffer)
        #expect(metas.map(\.distance) == [1, 2, 3])
        let isSame = metas.map(\.longTerm) == longTermWeights(metas.map(\.backward))
        #expect(isSame)
        let check = ConsistencyCheck()
        for (meta, flow) in zip(metas, output.flows) {
            let pair = try #require(flow.flow)
            let isFiltered =
                meta.backward == check.certainty(of: pair.backward, reverse: pair.forward).minimumFiltered(size: 3)
            #expect(isFiltered)
        }
    }

    @Test func framesWithoutFlowPass() throws {
        let output = try last("occlusioncheck ! flowwarp")
        #expect(output.certainty == nil)
        #expect(output.prior == nil)
    }
}
