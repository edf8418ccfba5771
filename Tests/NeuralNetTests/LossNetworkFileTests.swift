import Glibc
import Imaging
import ModelFiles
import NeuralNet
import Support
import TestSupport
import Testing

/// Loss network files: reading, writing, and the errors of damaged ones.
@Suite struct LossNetworkFileTests {
    @Test func networkRoundTrip() throws {
        let folder = try Folder()
        let weights = try LossNetworkWeights.random()
        let file = try LossNetworkFile(
            kind: .vgg16, convolutions: weights.convolutions, input: .unitRGB, license: "mine", source: "a test")
        try file.write(to: folder.path("net.safetensors"))
        let read = try LossNetworkFile(contentsOf: folder.path("net.safetensors"))
        #expect(read.input == .unitRGB)
        #expect(read.license == "mine")
        #expect(read.source == "a test")
        #expect(read.weights.kind == .vgg16)
        #expect(read.weights.checksum.count == 64)
        #expect(read.weights.inputScale == LossNetworkInput.unitRGB.scale)
        for (one, other) in zip(read.weights.convolutions, weights.convolutions) {
            #expect(one.weight == other.weight && one.bias == other.bias)
        }
        #expect(try LossNetworkWeights(contentsOf: folder.path("net.safetensors")).checksum == read.weights.checksum)

        // Damage to that file.
        var bytes = try Files.read(folder.path("net.safetensors"))
        func failure(_ bytes: [UInt8]) throws -> String {
            try Files.write(bytes, to: folder.path("bad.safetensors"))
            let error = #expect(throws: ModelError.self) {
                try LossNetworkWeights(contentsOf: folder.path("bad.safetensors"))
            }
            #expect(error?.description.contains("bad.safetensors: ") == true)
            return error?.description ?? ""
        }
        for length in [0, 4, 500, bytes.count / 2, bytes.count - 1] {
            _ = try failure(Array(bytes[..<length]))
        }
        bytes[bytes.count / 2] ^= 1
        #expect(try failure(bytes).contains("checksum"))
    }

    /// The value 0 of network space is the mean, 103.939 for blue; torchvision normalises it by the mean 0.406.
    @Test func theTorchvisionConvention() {
        let input = LossNetworkInput.unitRGB
        #expect(abs(input.shift[0] - Float((103.939 / 255 - 0.406) / 0.225)) < 1e-6)
        #expect(abs(input.shift[2] - Float((123.68 / 255 - 0.485) / 0.229)) < 1e-6)
        // Red of a white pixel.
        #expect(abs((255 - 123.68) * input.scale[2] + input.shift[2] - (1 - 0.485) / 0.229) < 1e-5)
        #expect(LossNetworkInput.networkSpace.scale == [1, 1, 1])
    }

    @Test func otherFilesAreRejected() throws {
        let tensor = SafeTensors.Tensor(shape: [64, 3, 3, 3], values: Array(repeating: 0, count: 64 * 27))
        let wrong: [(metadata: [String: String], tensors: [(name: String, tensor: SafeTensors.Tensor)], word: String)] =
            [
                ([:], [], "models import"),
                (["pentimento.kind": "video"], [], "\"video\""),
                (["pentimento.kind": "loss-network"], [], "network"),
                (["pentimento.kind": "loss-network", "network": "vgg11"], [], "vgg16, vgg19"),
                (["pentimento.kind": "loss-network", "network": "vgg16", "input": "hsv"], [], "bgr-vgg, rgb-unit"),
                (["pentimento.kind": "loss-network", "network": "vgg16", "input": "bgr-vgg"], [], "conv1_1.weight"),
                (
                    ["pentimento.kind": "loss-network", "network": "vgg16", "input": "bgr-vgg"],
                    [("conv1_1.weight", tensor)], "conv1_1.bias"
                ),
            ]
        for (metadata, tensors, word) in wrong {
            let file = try SafeTensors(bytes: SafeTensors.encode(tensors, metadata: metadata))
            let error = #expect(throws: ModelError.self) { try LossNetworkFile(file) }
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
        }
    }

    /// A temporary folder that is deleted with the object.
    private final class Folder {
        private let folder: String

        init() throws {
            var template = Array("/tmp/pentimento-test-XXXXXX".utf8CString)
            guard let made = mkdtemp(&template) else { throw FileError(path: "/tmp", reason: "takes no folder") }
            folder = String(cString: made)
        }

        func path(_ name: String) -> String { "\(folder)/\(name)" }

        deinit {
            for name in Files.names(in: folder) { unlink(path(name)) }
            rmdir(folder)
        }
    }
}
