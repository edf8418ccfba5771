import Evaluation
import Flow
import Imaging
import NeuralNet
import TestSupport
import Testing

@Suite struct SequenceMeasuresTests {
    private static let (width, height) = (63, 45)

    /// A texture that moves by 2 pixels per frame, brighter by `flicker` in every second frame.
    private func frame(_ index: Int, flicker: Float = 0) -> Image {
        let (width, height) = (Self.width, Self.height)
        let samples = (0..<3 * width * height).map { i -> Float in
            let x = i % width - 2 * index + 200
            return Float((x * 7 + i / width * 3) % 61 * 3) + (index % 2 == 1 ? flicker : 0)
        }
        return Image(width: width, height: height, samples: samples)
    }

    private func motion(_ distance: Int) throws -> KnownMotion {
        let count = Self.width * Self.height
        let flow = FlowField(
            width: Self.width, height: Self.height, u: Array(repeating: Float(2 * distance), count: count),
            v: Array(repeating: 0, count: count))
        return .known(PairMotion(try Motion(flow: flow, masks: [])))
    }

    @Test func framesAreComparedAtEveryDistance() throws {
        var measurement = SequenceMeasurement(metrics: [.temporal, .warping, .sharpness])
        measurement.earlier = [.before(1), .before(3), .first]
        var read: [Int] = []
        var asked: [[Int]] = []
        let measures = try measurement.measures(
            stylized: {
                read.append($0)
                return $0 < 6 ? frame($0, flicker: 25.5) : nil
            },
            motion: {
                asked.append([$0, $1])
                return try motion($1 - $0)
            })
        #expect(read == [0, 1, 2, 3, 4, 5, 6])
        #expect(
            asked == [
                [0, 1], [1, 2], [0, 2], [2, 3], [0, 3], [3, 4], [1, 4], [0, 4], [4, 5], [2, 5], [0, 5],
            ])
        #expect(measures.frames[0].values[.temporal(.before(1))] == nil)
        #expect(measures.frames[0].values[.sharpness] != nil)
        let values = measures.frames.map { frame in
            [EarlierFrame.before(1), .before(3), .first].map { frame.values[.temporal($0)] }
        }
        // A change of 0.1, squared, between frames of which one is bright.
        for (index, row) in values.enumerated() where index > 0 {
            #expect(abs((row[0] ?? .nan) - 0.01) < 1e-6)
            #expect(index < 3 ? row[1] == nil : abs((row[1] ?? .nan) - 0.01) < 1e-6)
            #expect(abs((row[2] ?? .nan) - (index % 2 == 1 ? 0.01 : 0)) < 1e-6)
        }
        #expect(measures.count(.temporal(.before(3))) == 3)
        #expect(abs((measures.mean(.temporal(.first)) ?? .nan) - 0.006) < 1e-6)
        #expect(abs((measures.mean(.warpingRoot(.first)) ?? .nan) - 0.006.squareRoot()) < 1e-6)
        #expect(measures.measures.first == .temporal(.before(1)) && measures.measures.last == .sharpness)
        #expect(Set(measures.measures.map(\.name)).count == measures.measures.count)
        #expect(measures.share(.temporal(.before(1)), of: measures) == 1)
        #expect(measures.share(.ssim, of: measures) == nil)
    }

    /// The same numbers as `TemporalReport`.
    @Test func theTemporalReport() throws {
        let measures = try SequenceMeasurement(metrics: [.temporal]).measures(
            stylized: { $0 < 4 ? frame($0, flicker: 9) : nil },
            motion: { $0 == 1 ? .missing : try motion($1 - $0) })
        let report = try TemporalReport(
            count: 4, direction: .forward, stylized: { frame($0, flicker: 9) },
            motion: { index in
                guard index != 1, case .known(let pair) = try motion(1) else { return nil }
                return Motion(flow: pair.flow, certainty: pair.consistent)
            })
        #expect(measures.temporalReport() == report)
        #expect(measures.skipped == [.before(1): 1])
        #expect(measures.temporalReport(.first) == nil)
    }

    /// Motion is found between the originals, also at a distance, and at another size than that of the stylized frames.
    @Test func estimatedMotion() throws {
        var measurement = SequenceMeasurement(metrics: [.temporal, .warping, .ssim])
        measurement.earlier = [.before(1), .before(2)]
        let texture = MovingTexture()
        func smooth(_ index: Int, width: Int, height: Int, flicker: Float = 0) -> Image {
            let step = Double(index)
            let plane = texture.frame(width: 96, height: 64) { ($0 + 1.5 * step, $1 + 0.5 * step) }
            let samples = plane.values.map { Float($0) * 0.8 + (index % 2 == 1 ? flicker : 0) }
            return Image(width: 96, height: 64, samples: samples + samples + samples)
                .resized(width: width, height: height)
        }
        let steady = try measurement.measures(
            stylized: { $0 < 4 ? smooth($0, width: 48, height: 32) : nil },
            original: { smooth($0, width: 96, height: 64) })
        let flickering = try measurement.measures(
            stylized: { $0 < 4 ? smooth($0, width: 48, height: 32, flicker: 25.5) : nil },
            original: { smooth($0, width: 96, height: 64) })
        for measure in [Measure.temporal(.before(1)), .warping(.before(1)), .temporal(.before(2))] {
            #expect((steady.mean(measure) ?? 1) < 0.0008, "\(measure.name)")
        }
        #expect((flickering.mean(.temporal(.before(1))) ?? 0) > 0.008)
        #expect((flickering.mean(.temporal(.before(2))) ?? 1) < 0.0008)
        #expect((steady.mean(.ssim) ?? 0) > 0.999)
        // Without originals nothing can be estimated.
        let blind = try measurement.measures(stylized: { $0 < 4 ? smooth($0, width: 48, height: 32) : nil })
        #expect(blind.measures.isEmpty && blind.skipped == [.before(1): 3, .before(2): 2])
    }

    @Test func singleFramesHaveNoTemporalErrors() throws {
        let measures = try SequenceMeasurement().measures(
            stylized: { $0 == 0 ? frame(0) : nil }, original: { frame($0) })
        #expect(measures.measures == [.sharpness, .ssim])
        #expect(measures.mean(.temporal(.before(1))) == nil && measures.temporalReport() == nil)
    }

    /// As in both authors' programs, a pair without a certain pixel has the error 0; `consistent` says so.
    @Test func nothingIsCertain() throws {
        let flow = FlowField(width: Self.width, height: Self.height)
        let nothing = Plane<Float>(width: Self.width, height: Self.height, repeating: 0)
        let measures = try SequenceMeasurement(metrics: [.temporal, .warping]).measures(
            stylized: { $0 < 2 ? frame($0) : nil },
            motion: { _, _ in .known(PairMotion(Motion(flow: flow, certainty: nothing))) })
        #expect(measures.mean(.temporal(.before(1))) == 0 && measures.mean(.warping(.before(1))) == 0)
        #expect(measures.mean(.consistent(.before(1))) == 0)
        #expect(measures.share(.warping(.before(1)), of: measures) == nil)
    }

    @Test func problemsAreReported() throws {
        let measurement = SequenceMeasurement(metrics: [.ssim, .sharpness])
        #expect(throws: EvaluationError.self) { try measurement.measures(stylized: { _ in nil }) }
        #expect(throws: EvaluationError.self) {
            try measurement.measures(stylized: { $0 < 2 ? Image(width: 20 + $0, height: 20) : nil })
        }
        #expect(throws: EvaluationError.self) {
            try measurement.measures(
                stylized: { $0 < 1 ? Image(width: 80, height: 20) : nil },
                original: { _ in Image(width: 40, height: 40) })
        }
    }
}
