import Flow
import Foundation
import Imaging
import Support
import TestSupport
import Testing

@Suite struct FlowFileTests {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).flo").path

    @Test func writtenFlowsAreReadBack() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let flow = FlowField(
            width: 3, height: 2, u: [0, -1.5, 1e10, .infinity, 2, 3], v: [7, 0.25, 1e10, 0, -0.0, 1e-30])
        try flow.write(to: path)
        #expect(try FlowField(contentsOf: path) == flow)
        let bytes = try Files.read(path)
        #expect(bytes.count == 12 + 3 * 2 * 8 && Array(bytes[..<4]) == Array("PIEH".utf8))
        #expect(bytes[4] == 3 && bytes[8] == 2 && bytes[16...19] == [0, 0, 0xE0, 0x40])
    }

    /// Every truncation, every flipped header byte and impossible sizes give an error, without a huge allocation.
    @Test func damagedFilesAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FlowField(width: 3, height: 2).write(to: path)
        let whole = try Files.read(path)
        for length in 0..<whole.count {
            #expect(FileManager.default.createFile(atPath: path, contents: Data(Array(whole[..<length]))))
            #expect(throws: FileError.self) { try FlowField(contentsOf: path) }
        }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(whole + [0])))
        #expect(throws: FileError.self) { try FlowField(contentsOf: path) }
        for index in 0..<12 {
            var damaged = whole
            damaged[index] ^= 0xFF
            #expect(FileManager.default.createFile(atPath: path, contents: Data(damaged)))
            let error = #expect(throws: FileError.self) { try FlowField(contentsOf: path) }
            #expect(error?.description.contains(path) == true)
        }
        #expect(throws: FileError.self) { try FlowField(width: 0, height: 2).write(to: path) }
        // A sparse file of gigabytes: rejected by its header, before memory is allocated.
        #expect(FileManager.default.createFile(atPath: path, contents: Data(Array(whole[..<12]))))
        #expect(truncate(path, 1 << 33) == 0)
        #expect(throws: FileError.self) { try FlowField(contentsOf: path) }
    }

    @Test func patternsNameTheFilesOfTwoFrames() throws {
        let plain = try FlowFilePattern("flow/backward_[%d]_{%d}.flo")
        #expect(plain.path(from: 12, to: 11) == "flow/backward_12_11.flo")
        let padded = try FlowFilePattern("{%04d}/[%03d]")
        #expect(padded.path(from: 7, to: 123456) == "123456/007")
        #expect(try FlowFilePattern("100%_[%d]{%2d}").path(from: 1, to: 2) == "100%_102")
    }

    @Test(
        arguments: [
            "", "flow.flo", "[%d].flo", "{%d}.flo", "[%d]_[%d]", "[%d]_{%d}_{%d}", "[%d]_{%d", "[%s]_{%d}", "[d]_{%d}",
            "[%]_{%d}", "[%99d]_{%d}", "[%-3d]_{%d}", "[]_{}",
        ])
    func malformedPatternsAreRefused(pattern: String) {
        let error = #expect(throws: FlowFilePattern.Malformed.self) { try FlowFilePattern(pattern) }
        #expect(error?.description.contains("backward_[%d]_{%04d}.flo") == true)
    }

    @Test func vectorsGrowWithTheFrame() {
        let flow = FlowField(
            width: 6, height: 4, u: Array(repeating: 2, count: 24), v: Array(repeating: -3, count: 24))
        let large = flow.resized(width: 12, height: 10)
        #expect(large.width == 12 && large.height == 10)
        #expect(large.u.allSatisfy { abs($0 - 4) < 1e-5 } && large.v.allSatisfy { abs($0 + 7.5) < 1e-5 })
        let small = flow.resized(width: 3, height: 1)
        #expect(small.u.allSatisfy { abs($0 - 1) < 1e-5 } && small.v.allSatisfy { abs($0 + 0.75) < 1e-5 })
        #expect(flow.resized(width: 6, height: 4) == flow)
    }

    /// Reference: torchvision's flow_to_image, see Fixtures/make_warp.py.
    @Test func colorsMatchTheColorWheel() throws {
        let flow = try FlowField(contentsOf: TestData.fixture("wheel.flo", of: "FlowTests"))
        let expected = try TestData.floats("wheel.f32", of: "FlowTests")
        let colors = flowColors(flow)
        // Values are rounded down, so the last bit of a cosine can change one by 1.
        #expect(largestDifference(colors.samples, expected) <= 1)
        #expect(zip(colors.samples, expected).count { $0 != $1 } < expected.count / 100)
        #expect(flowColors(flow, maximum: longestVector(flow)) == colors)
    }

    @Test func unknownVectorsAreBlackAndZeroIsWhite() {
        let flow = FlowField(width: 4, height: 1, u: [0, 1e10, 3, .nan], v: [0, 1e10, 0, 0])
        let colors = flowColors(flow, maximum: 1)
        func color(_ x: Int) -> [Float] { (0..<3).map { colors.samples[$0 * 4 + x] } }
        #expect(color(0) == [255, 255, 255] && color(1) == [0, 0, 0] && color(3) == [0, 0, 0])
        // Longer than the maximum: darker than at full saturation.
        #expect(color(2).max() == 191)
        #expect(longestVector(flow) == 3)
    }
}
