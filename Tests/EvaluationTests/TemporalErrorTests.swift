import Evaluation
import Flow
import Imaging
import TestSupport
import Testing

@Suite struct TemporalErrorTests {
    /// Four pixels, one of them occluded: both definitions computed by hand.
    @Test func bothDefinitions() {
        let image = Image(width: 4, height: 1, samples: Array(repeating: 100, count: 12))
        var other = image
        for channel in 0..<3 {
            other.samples[channel * 4] += 51  // 0.2
            other.samples[channel * 4 + 3] = 255  // occluded
        }
        let certainty = Plane<Float>(width: 4, height: 1, values: [1, 1, 1, 0])
        let still = FlowField(width: 4, height: 1)
        let error = temporalError(of: image, against: other, flow: still, certainty: certainty)
        #expect(abs(error.overConsistentPixels - 0.04 / 3) < 1e-9)
        #expect(abs(error.overAllPixels - 0.04 / 4) < 1e-9)
        #expect(error.consistentPart == 0.75)
        let nothing = Plane<Float>(width: 4, height: 1, repeating: 0)
        let none = temporalError(of: image, against: other, flow: still, certainty: nothing)
        #expect(none == TemporalError(overConsistentPixels: 0, overAllPixels: 0, consistentPart: 0))
    }

    /// An image that moves with the flow has no error, in either direction; a still one has.
    @Test(arguments: [TemporalReport.Direction.forward, .backward]) func movingImages(
        direction: TemporalReport.Direction
    ) throws {
        let (width, height) = (32, 12)
        func frame(_ index: Int, speed: Int) -> Image {
            var image = Image(width: width, height: height)
            for channel in 0..<3 {
                for i in 0..<width * height {
                    image.samples[channel * width * height + i] = Float(
                        (i % width - speed * index + 96) * 7 % 31 + i / width)
                }
            }
            return image
        }
        let shift: Float = direction == .forward ? 2 : -2
        let flow = FlowField(
            width: width, height: height, u: Array(repeating: shift, count: width * height),
            v: Array(repeating: 0, count: width * height))
        let motion = try Motion(flow: flow, masks: [])
        var asked: [Int] = []
        let report = try TemporalReport(
            count: 5, direction: direction,
            stylized: {
                asked.append($0)
                return frame($0, speed: 2)
            }, motion: { $0 == 2 ? nil : motion })
        #expect(asked == [0, 1, 2, 3, 4])
        #expect(report.pairs.map(\.frame) == [0, 1, 3])
        #expect(
            report.mean.overConsistentPixels == 0 && report.mean.consistentPart == Double(width - 2) / Double(width))
        let still = try TemporalReport(
            count: 5, direction: direction, stylized: { frame($0, speed: 0) }, motion: { _ in motion })
        #expect(still.mean.overConsistentPixels > 1e-3)
        #expect(still.mean.overAllPixels < still.mean.overConsistentPixels)
        for threads in [1, 4] {
            let again = try TemporalReport(
                count: 5, direction: direction, threads: threads, stylized: { frame($0, speed: 0) },
                motion: { _ in motion })
            #expect(again == still)
        }
    }

    @Test func missingDataIsReported() throws {
        let motion = Motion(flow: FlowField(width: 4, height: 4), reverse: FlowField(width: 4, height: 4))
        #expect(throws: EvaluationError.self) {
            try TemporalReport(
                count: 1, direction: .forward, stylized: { _ in Image(width: 4, height: 4) }, motion: { _ in motion })
        }
        #expect(throws: EvaluationError.self) {
            try TemporalReport(
                count: 2, direction: .forward, stylized: { Image(width: 4 + $0, height: 4) }, motion: { _ in motion })
        }
        #expect(throws: EvaluationError.self) {
            try TemporalReport(
                count: 2, direction: .forward, stylized: { _ in Image(width: 4, height: 4) }, motion: { _ in nil })
        }
        #expect(throws: EvaluationError.self) {
            try Motion(flow: FlowField(width: 4, height: 4), masks: [Plane(width: 4, height: 3, repeating: 0)])
        }
    }

    @Test func maskedPixelsAreUncertain() throws {
        var mask = Plane<UInt8>(width: 4, height: 2, repeating: 0)
        mask[1, 1] = 255
        let flow = FlowField(
            width: 4, height: 2, u: [0, 0, 0, 1, -1, 0, 0, .nan], v: [0, -1, 1, 0, 0, 0, 0, 0])
        let motion = try Motion(flow: flow, masks: [mask])
        #expect(motion.certainty.values == [1, 0, 1, 0, 0, 0, 1, 0])
    }
}
