import CGStreamer
import Flow
import GstPentimento
import Imaging
import Testing

/// `opticalflow`, `occlusioncheck` and `flowwarp` process the faces of a cube map as separate images.
@Suite struct FaceFlowTests {
    private static let frames = (0..<3).map { ColumnFrame(index: $0) }
    private static let side = ColumnFrame.faceSize

    /// The rows of a face in a plane of stacked faces.
    private func rows<Value>(_ face: Int, of values: [Value]) -> [Value] {
        let count = values.count / 6
        return Array(values[face * count..<(face + 1) * count])
    }

    @Test(arguments: ["", "scale=0.5"])
    func eachFaceIsIndependent(properties: String) throws {
        let chain =
            "opticalflow references=1,2 scene-cut=0 \(properties) ! occlusioncheck ! flowwarp source=input"
        let column = try #require(try ColumnFrame.run(Self.frames, through: chain).last)
        let flow = try #require(column.flow?.flow)
        let certainty = try #require(column.certainty)
        let longTerm = try #require(certainty.longTerm)
        let prior = try #require(column.prior?.content)
        #expect(column.flows.map(\.distance) == [1, 2])
        let scale = properties.isEmpty ? 1 : 2
        #expect(flow.backward.width == Self.side / scale && flow.backward.height == 6 * Self.side / scale)
        #expect(prior.image.width == Self.side && prior.image.height == 6 * Self.side)
        for face in 0..<6 {
            let alone = try TestPipeline.run((0..<3).map { ColumnFrame.face(face, index: $0) }, through: chain)
            let single = try #require(alone.last)
            let expected = try #require(single.flow?.flow)
            let sameFlow =
                rows(face, of: flow.backward.u) == expected.backward.u
                && rows(face, of: flow.backward.v) == expected.backward.v
                && rows(face, of: flow.forward.u) == expected.forward.u
                && rows(face, of: flow.forward.v) == expected.forward.v
            #expect(sameFlow, "face \(face)")
            let check = try #require(single.certainty)
            let sameCertainty =
                rows(face, of: certainty.backward.values) == check.backward.values
                && rows(face, of: certainty.forward?.values ?? []) == check.forward?.values
                && rows(face, of: longTerm.values) == check.longTerm?.values
            #expect(sameCertainty, "face \(face)")
            let content = try #require(single.prior?.content)
            let count = Self.side * Self.side
            let sameImage = (0..<3).allSatisfy { channel in
                Array(prior.image.samples[(channel * 6 + face) * count..<(channel * 6 + face + 1) * count])
                    == Array(content.image.samples[channel * count..<(channel + 1) * count])
            }
            #expect(sameImage && rows(face, of: prior.certainty.values) == content.certainty.values, "face \(face)")
        }
    }

    @Test func flowThatLeavesAFaceIsUncertain() throws {
        let chain = "opticalflow scene-cut=0 ! occlusioncheck min-filter=1"
        let whole = try #require(try ColumnFrame.run(Self.frames, through: chain).last)
        let flow = try #require(whole.flow?.flow?.backward)
        let certainty = try #require(whole.certainty?.backward)
        var leaving = 0
        for y in 0..<flow.height {
            for x in 0..<flow.width {
                let target = Float(y % Self.side) + flow.v[y * flow.width + x]
                if target < 0 || target > Float(Self.side - 1) {
                    leaving += 1
                    #expect(certainty[x, y] == 0)
                }
            }
        }
        #expect(leaving > 100, "the test's picture moves too little")
        // Without the meta the frame is a single tall image, which has another flow.
        let tall = try #require(try ColumnFrame.run(Self.frames, through: chain, cubeMap: nil).last)
        let isSame = tall.flow?.flow?.backward == flow
        #expect(!isSame)
    }

    @Test func priorIsWarpedFaceByFace() throws {
        for scale in ["1", "0.5"] {
            let chain = "opticalflow scene-cut=0 ! occlusioncheck ! flowwarp ! teststylizer scale=\(scale)"
            let column = try ColumnFrame.run(Self.frames, through: chain)
            try #require(column.count == 3)
            let prior = try #require(column[2].prior?.content)
            for face in 0..<6 {
                let single = try TestPipeline.run((0..<3).map { ColumnFrame.face(face, index: $0) }, through: chain)
                let certainty = try #require(single.last?.prior?.content?.certainty)
                #expect(rows(face, of: prior.certainty.values) == certainty.values, "face \(face)")
                // The test stylizer scales the stacked faces as one image.
                if scale == "1" { #expect(rows(face, of: column[2].bytes) == single.last?.bytes, "face \(face)") }
            }
        }
    }

    @Test func sceneCutsAreDetectedOverAllFaces() throws {
        func cut(_ changed: Range<Int>) throws -> Bool? {
            let frames = (0..<3).map { ColumnFrame(index: $0, changed: $0 == 2 ? changed : 0..<0) }
            return try ColumnFrame.run(frames, through: "opticalflow").last?.flow?.isDiscontinuity
        }
        #expect(try cut(0..<0) == false)
        #expect(try cut(2..<3) == false)
        #expect(try cut(0..<6) == true)
    }

    @Test func newFaceLayoutIsADiscontinuity() throws {
        let pipeline = try TestPipeline("appsrc name=in format=time ! opticalflow ! appsink name=out sync=false")
        pipeline.setCaps(ColumnFrame.caps)
        pipeline.play()
        for index in 0..<4 {
            let cubeMap = index < 2 ? nil : CubeMapMeta(faceSize: Self.side, overlap: 0)
            pipeline.push(ColumnFrame(index: index).makeBuffer(cubeMap: cubeMap))
        }
        pipeline.endStream()
        #expect(try pipeline.pullAll().map { $0.flow?.isDiscontinuity } == [true, false, true, false])
    }
}
