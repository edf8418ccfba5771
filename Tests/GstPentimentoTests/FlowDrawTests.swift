import CGStreamer
import Flow
import GstPentimento
import Imaging
import TestSupport
import Testing

@Suite(.serialized) struct FlowDrawTests {
    /// The output of `flowdraw` for a grey frame with the metas that `decorate` attaches.
    private func drawn(
        _ properties: String, _ layout: PixelLayout = .rgb, decorate: (UnsafeMutablePointer<GstBuffer>) -> Void
    ) throws -> [UInt8] {
        let pipeline = try #require(StylePipeline("flowdraw \(properties)"))
        pipeline.set(caps: 8, 4, layout)
        pipeline.start()
        pipeline.push([UInt8](repeating: 100, count: 8 * 4 * layout.bytesPerPixel), time: 0, decorate: decorate)
        return try #require(pipeline.pull()).bytes
    }

    private func flow(_ u: Float, _ v: Float, width: Int = 8, height: Int = 4) -> FlowField {
        FlowField(
            width: width, height: height, u: Array(repeating: u, count: width * height),
            v: Array(repeating: v, count: width * height))
    }

    private func attachFlow(_ u: Float, _ v: Float, to buffer: UnsafeMutablePointer<GstBuffer>, distance: Int = 1) {
        let pair = FlowPair(backward: flow(u, v), forward: flow(-u, -v))
        FlowMeta(distance: distance, frame: 1, flow: pair).attach(to: buffer)
    }

    @Test func flowIsDrawnInMiddleburysColours() throws {
        let wanted = flowColors(flow(3, 0), maximum: 3)
        let bytes = try drawn("maximum=3") { attachFlow(3, 0, to: $0) }
        for channel in 0..<3 { #expect(abs(Int(bytes[channel]) - Int(wanted.samples[channel * 32].rounded())) <= 1) }
        // Half the speed is paler, and equal with half the maximum.
        let slow = try drawn("maximum=3") { attachFlow(1.5, 0, to: $0) }
        #expect(slow != bytes)
        #expect(try drawn("maximum=1.5") { attachFlow(1.5, 0, to: $0) } == bytes)
        // In a payload of half the resolution, vectors are twice as long in the frame.
        let half = try drawn("maximum=3") { buffer in
            let pair = FlowPair(
                backward: flow(1.5, 0, width: 4, height: 2), forward: flow(-1.5, 0, width: 4, height: 2))
            FlowMeta(distance: 1, frame: 1, flow: pair).attach(to: buffer)
        }
        #expect(half == bytes)
    }

    @Test func framesWithoutMetasPassUnchanged() throws {
        let grey = [UInt8](repeating: 100, count: 96)
        for properties in ["", "draw=certainty", "draw=prior"] {
            #expect(try drawn(properties) { _ in } == grey)
        }
        // Unchanged without this reference, at a discontinuity, and with opacity 0.
        #expect(try drawn("reference=2") { attachFlow(3, 0, to: $0) } == grey)
        #expect(try drawn("") { FlowMeta(distance: 1, frame: 0, flow: nil).attach(to: $0) } == grey)
        #expect(try drawn("opacity=0") { attachFlow(3, 0, to: $0) } == grey)
    }

    @Test func referencesAreDistinguished() throws {
        let both = try drawn("reference=10 maximum=3") {
            attachFlow(3, 0, to: $0)
            attachFlow(0, 3, to: $0, distance: 10)
        }
        #expect(try both == drawn("maximum=3") { attachFlow(0, 3, to: $0) })
    }

    @Test func certaintyIsWhiteAndOpacityMixes() throws {
        var plane = Plane<Float>(width: 8, height: 4, repeating: 1)
        plane[2, 0] = 0
        let decorate: (UnsafeMutablePointer<GstBuffer>) -> Void = {
            CertaintyMeta(distance: 1, backward: plane, forward: plane).attach(to: $0)
        }
        let bytes = try drawn("draw=certainty", .rgba, decorate: decorate)
        #expect(bytes[0..<4] == [255, 255, 255, 100] && bytes[8..<12] == [0, 0, 0, 100])
        let mixed = try drawn("draw=certainty opacity=0.5", .rgba, decorate: decorate)
        #expect(mixed[0..<4].map { Int($0) }.prefix(3).allSatisfy { abs($0 - 177) <= 1 } && mixed[8] == 50)
    }

    @Test func priorOfTheWholeChainIsDrawn() throws {
        let chain = "opticalflow ! occlusioncheck ! flowwarp ! stylize ! flowdraw draw=prior"
        let pipeline = try #require(StylePipeline(chain))
        let plain = try #require(StylePipeline("stylize"))
        for each in [pipeline, plain] {
            each.set(caps: 48, 32)
            each.start()
        }
        var shown: [[UInt8]] = []
        for index in 0..<2 {
            pipeline.push(patternFrame(48, 32), time: UInt64(index) * 40_000_000)
            shown.append(try #require(pipeline.pull()).bytes)
        }
        plain.push(patternFrame(48, 32), time: 0)
        let first = try #require(plain.pull()).bytes
        // Without motion the second frame's prior is the first frame.
        #expect(shown[0] == first)
        let differences = zip(shown[1], first).map { abs(Int($0) - Int($1)) }
        #expect(differences.filter { $0 <= 1 }.count > differences.count / 2)
    }
}
