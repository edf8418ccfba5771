import Evaluation
import Flow
import Foundation
import Imaging
import Support
import TestSupport
import Testing

@Suite struct MeasureTests {
    @Test func flowErrors() throws {
        let truth = FlowField(width: 4, height: 1, u: [0, 1, 1e10, 5], v: [0, 1, 1e10, 0])
        let flow = FlowField(width: 4, height: 1, u: [3, 1, 0, 5], v: [4, 1, 0, 0])
        let error = try FlowError(of: flow, truth: truth)
        #expect(abs(error.endPoint - 5.0 / 3) < 1e-9 && abs(error.overThreePixels - 1.0 / 3) < 1e-9)
        #expect(error.knownPixels == 3)
        let mask = Plane<UInt8>(width: 4, height: 1, values: [255, 0, 0, 0])
        #expect(try FlowError(of: flow, truth: truth, leavingOut: mask).endPoint == 0)
        #expect(throws: EvaluationError.self) { try FlowError(of: flow, truth: FlowField(width: 3, height: 1)) }
        #expect(throws: EvaluationError.self) {
            try FlowError(
                of: flow, truth: truth, leavingOut: Plane<UInt8>(width: 4, height: 1, repeating: 255))
        }
    }

    /// cv2.Laplacian(luma, cv2.CV_64F).std(), with OpenCV 5.0:
    ///
    ///     y, x = numpy.mgrid[0:11, 0:17]
    ///     luma = ((x * 37 + y * 91 + x * y * 5) % 256).astype(numpy.float64)
    @Test func sharpnessMatchesOpenCV() {
        let samples = (0..<11 * 17).map { i -> Float in
            let (y, x) = i.quotientAndRemainder(dividingBy: 17)
            return Float((x * 37 + y * 91 + x * y * 5) % 256)
        }
        let image = Image(width: 17, height: 11, channels: 1, samples: samples)
        #expect(abs(sharpness(of: image) - 379.74743) < 1e-3)
        let grey = Image(width: 17, height: 11, samples: samples + samples + samples)
        #expect(abs(sharpness(of: grey, order: .bgr) - 379.74743) < 1e-3)
        #expect(sharpness(of: Image(width: 1, height: 1, repeating: 5)) == 0)
        #expect(sharpness(of: Image(width: 9, height: 2, repeating: 5)) < 1e-3)
    }

    @Test func reportsAreJSON() throws {
        let error = TemporalError(overConsistentPixels: 0.5, overAllPixels: 0.25, consistentPart: 0.5)
        let report = TemporalReport(pairs: [.init(frame: 0, error: error)])
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(TemporalReport.self, from: data) == report)
        #expect(report.mean == error)
    }

    /// Sintel's folder layout, made of real parts of the data set.
    @Test func sintelsLayout() throws {
        let manager = FileManager.default
        let root = manager.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? manager.removeItem(atPath: root) }
        for folder in ["clean", "flow", "occlusions", "invalid"] {
            for scene in ["alley_1", "cave_2"] {
                try manager.createDirectory(
                    atPath: "\(root)/training/\(folder)/\(scene)", withIntermediateDirectories: true)
            }
        }
        for name in ["frame_0002.png", "frame_0001.png", "notes.txt"] {
            try Files.write([], to: "\(root)/training/clean/cave_2/\(name)")
        }
        var flow = FlowField(width: 4, height: 3)
        flow.u[0] = 1
        try flow.write(to: "\(root)/training/flow/cave_2/frame_0001.flo")
        try Files.write([], to: "\(root)/training/invalid/cave_2/frame_0001.png")
        for folder in [root, "\(root)/training"] {
            let scenes = try SintelScene.scenes(in: folder)
            #expect(scenes.map(\.name) == ["alley_1", "cave_2"])
            #expect(scenes[1].frames == ["1", "2"].map { "\(root)/training/clean/cave_2/frame_000\($0).png" })
            var masks: [String] = []
            let motion = try scenes[1].motion(from: 0) {
                masks.append($0)
                var mask = Plane<UInt8>(width: 4, height: 3, repeating: 0)
                mask[masks.count, 0] = 255
                return mask
            }
            #expect(masks == ["occlusions", "invalid"].map { "\(root)/training/\($0)/cave_2/frame_0001.png" })
            #expect(motion.flow == flow)
            #expect(motion.certainty.values.prefix(5) == [1, 0, 0, 1, 1])
        }
        let scenes = try SintelScene.scenes(in: root)
        #expect(throws: Never.self) { try scenes[1].checkFrames() }
        let empty = #expect(throws: EvaluationError.self) { try scenes[0].checkFrames() }
        #expect(empty?.description.contains("alley_1: has no frames") == true)
        try Files.write([], to: "\(root)/training/clean/cave_2/frame_0005.png")
        let gap = #expect(throws: EvaluationError.self) { try SintelScene.scenes(in: root)[1].checkFrames() }
        #expect(gap?.description.contains("cave_2: frame 3 is missing after") == true)
        let large = #expect(throws: EvaluationError.self) {
            try scenes[1].motion(from: 0) { _ in Plane(width: 5, height: 3, repeating: 0) }
        }
        #expect(large?.description.contains("frame_0001.png: is 5 x 3") == true)
        let error = #expect(throws: EvaluationError.self) { try SintelScene.scenes(in: root, pass: "final") }
        #expect(error?.description.contains("no final folder") == true)
    }
}
