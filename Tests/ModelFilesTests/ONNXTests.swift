import ModelFiles
import Support
import TestSupport
import Testing

/// The reader of ONNX's initializers.
@Suite struct ONNXTests {
    /// A file that the onnx package wrote (Fixtures/make_onnx.py).
    @Test func readsFileOfTheONNXPackage() throws {
        let model = try ONNXWeights(bytes: Files.read(TestData.fixture("tiny.onnx", of: "ModelFilesTests")))
        #expect(model.tensors.map(\.name) == ["raw", "packed", "half", "whole", "scalar", "external"])
        #expect(model.tensors.map(\.shape) == [[2, 3, 3, 3], [2], [3], [1], [], [4]])
        #expect(try model.tensors[0].values() == (0..<54).map { (Float($0) - 20) / 8 })
        #expect(try model.tensors[1].values() == [0.5, -3.25])
        #expect(try model.tensors[2].values() == [1, -2.5, 0.125])
        #expect(try model.tensors[4].values() == [4])
        let whole = #expect(throws: ModelError.self) { try model.tensors[3].values() }
        #expect(whole?.description.contains("data type 7") == true)
        let external = #expect(throws: ModelError.self) { try model.tensors[5].values() }
        #expect(external?.description.contains("another file") == true)
    }

    @Test func aFileCutAnywhereGivesAnError() throws {
        let bytes = try Files.read(TestData.fixture("tiny.onnx", of: "ModelFilesTests"))
        let whole = try ONNXWeights(bytes: bytes).tensors.count
        for length in 0..<bytes.count {
            // Data after the graph is ignored; a cut within the graph is detected.
            guard let model = try? ONNXWeights(bytes: Array(bytes[..<length])) else { continue }
            #expect(model.tensors.count == whole, "cut to \(length)")
        }
        #expect(throws: ModelError.self) { try ONNXWeights(bytes: Array(bytes[..<(bytes.count / 2)])) }
    }

    /// No bytes may cause a trap.
    @Test(arguments: [UInt8(0x01), 0x80, 0x7F, 0xFF]) func flippedByteGivesAnErrorOrNumbers(mask: UInt8)
        throws
    {
        var bytes = try Files.read(TestData.fixture("tiny.onnx", of: "ModelFilesTests"))
        for index in bytes.indices {
            bytes[index] ^= mask
            defer { bytes[index] ^= mask }
            guard let model = try? ONNXWeights(bytes: bytes) else { continue }
            for tensor in model.tensors {
                if let values = try? tensor.values() { #expect(values.count == tensor.shape.reduce(1, *)) }
            }
        }
    }

    @Test func maliciousLengths() {
        let endless = [UInt8](repeating: 0xFF, count: 10) + [0x01]
        let dimension = ONNXWriter.field(1, integer: 1 << 40)
        let dimensions = (0..<4).flatMap { _ in ONNXWriter.field(1, integer: 1 << 20) }
        let ranks = (0..<20).flatMap { _ in ONNXWriter.field(1, integer: 1) }
        let graphs: [[UInt8]] = [
            // A field longer than the file and the memory.
            ONNXWriter.varint(5 << 3 | 2) + ONNXWriter.varint(1 << 62) + [0],
            ONNXWriter.varint(5 << 3 | 2) + [UInt8](repeating: 0xFF, count: 9) + [0x01],
            // A varint without an end.
            endless,
            ONNXWriter.field(5, dimension), ONNXWriter.field(5, dimensions), ONNXWriter.field(5, ranks),
            ONNXWriter.field(5, [UInt8](repeating: 0xFF, count: 9)),
        ]
        for graph in graphs {
            #expect(throws: ModelError.self) { try ONNXWeights(bytes: ONNXWriter.field(7, graph)) }
        }
        #expect(throws: ModelError.self) { try ONNXWeights(bytes: endless) }
        #expect(throws: ModelError.self) { try ONNXWeights(bytes: ONNXWriter.field(1, integer: 8)) }
    }
}
