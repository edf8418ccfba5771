import CGStreamer
import Flow
import GstPentimento
import Imaging
import TestSupport
import Testing

@Suite(.serialized) struct TemporalMeterTests {
    private func attach(
        _ u: Float, frame: UInt64, isDiscontinuous: Bool = false, to buffer: UnsafeMutablePointer<GstBuffer>
    ) {
        let flow = { (u: Float) in
            FlowField(width: 16, height: 8, u: Array(repeating: u, count: 128), v: Array(repeating: 0, count: 128))
        }
        let pair = FlowPair(backward: flow(u), forward: flow(-u))
        FlowMeta(distance: 1, frame: frame, flow: isDiscontinuous ? nil : pair).attach(to: buffer)
    }

    private func meter() throws -> StylePipeline {
        let pipeline = try #require(StylePipeline("temporalmeter name=meter"))
        pipeline.set(caps: 16, 8)
        pipeline.start()
        return pipeline
    }

    private func grey(_ value: UInt8) -> [UInt8] { [UInt8](repeating: value, count: 16 * 8 * 3) }

    @Test func theErrorIsTheMeanSquaredDifference() throws {
        let pipeline = try meter()
        // 51 of 255 is 0.2, squared 0.04; the last frame does not change.
        for (index, value) in [UInt8](arrayLiteral: 100, 151, 151).enumerated() {
            pipeline.push(grey(value), time: UInt64(index)) { attach(0, frame: UInt64(index), to: $0) }
            #expect(try #require(pipeline.pull()).bytes == grey(value), "frames pass untouched")
            if index == 1 { #expect(abs(pipeline.double("error", of: "meter") - 0.04) < 1e-6) }
        }
        #expect(pipeline.double("error", of: "meter") == 0)
        #expect(abs(pipeline.double("mean-error", of: "meter") - 0.02) < 1e-6)
        #expect(pipeline.integer("frames", of: "meter") == 2)
        // The flow of the last column and row leaves the frame, so these pixels are inconsistent and count as zero.
        let consistent = 15.0 * 7 / 128
        #expect(abs(pipeline.double("mean-error-over-all", of: "meter") - 0.02 * consistent) < 1e-6)
        let messages = pipeline.messages(GST_MESSAGE_ELEMENT)
        #expect(messages.count == 2)
        #expect(messages.allSatisfy { $0.hasPrefix("pentimento-temporal-error,") && $0.contains("consistent-part=") })
    }

    @Test func itMeasuresAlongTheMotion() throws {
        func error(movingBy u: Float) throws -> Double {
            let pipeline = try meter()
            for index in 0..<2 {
                pipeline.push(patternFrame(16, 8, shift: 2 * index), time: UInt64(index)) {
                    attach(u, frame: UInt64(index), to: $0)
                }
                _ = try #require(pipeline.pull())
            }
            #expect(pipeline.integer("frames", of: "meter") == 1)
            return pipeline.double("error", of: "meter")
        }
        // The pattern moved by 2 pixels to the left, so the pixel at x was at x + 2.
        #expect(try error(movingBy: 2) < 1e-9)
        #expect(try error(movingBy: 0) > 1e-3)
    }

    @Test func discontinuitiesAndLostFramesAreLeftOut() throws {
        let pipeline = try meter()
        let frames: [(number: UInt64, cut: Bool)] = [
            (0, true), (1, false), (2, true), (3, false), (5, false), (6, false),
        ]
        for (index, frame) in frames.enumerated() {
            pipeline.push(grey(UInt8(40 * index)), time: UInt64(index)) {
                attach(0, frame: frame.number, isDiscontinuous: frame.cut, to: $0)
            }
            _ = try #require(pipeline.pull())
        }
        // 0 to 1, 2 to 3 and 5 to 6.
        #expect(pipeline.integer("frames", of: "meter") == 3)
    }

    @Test func withoutFlowNothingIsMeasured() throws {
        let pipeline = try meter()
        for index in 0..<3 {
            pipeline.push(grey(100), time: UInt64(index))
            _ = try #require(pipeline.pull())
        }
        #expect(pipeline.integer("frames", of: "meter") == 0)
    }
}
