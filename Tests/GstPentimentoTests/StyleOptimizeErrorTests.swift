import CGStreamer
import Glibc
import Imaging
import MediaIO
import NeuralNet
import Support
import TestSupport
import Testing

/// Errors of the settings are reported before the work starts and name the property.
@Suite(.serialized) struct StyleOptimizeErrorTests {
    @Test(arguments: [
        ("style-images=\"\"", ["style-images", "empty"]),
        ("style-images=a.png,,b.png", ["style-images", "between two commas"]),
        ("style-blend=1,2", ["style-blend", "2 weights for 1"]),
        ("style-blend=much", ["style-blend", "\"much\" is not a weight"]),
        ("style-blend=-1", ["style-blend", "-1"]),
        ("init=noise", ["init", "noise", "random, content, previous, previous-warped, network"]),
        ("init=random,content,content", ["init"]),
        ("init=previous,content", ["init", "no previous one"]),
        ("iterations=0", ["iterations", "from 1 to 1000000"]),
        ("iterations=5,x", ["iterations", "5,x"]),
        ("iterations=\"\"", ["iterations"]),
        ("content-layers=relu9_1", ["content-layers", "relu9_1"]),
        ("style-layers=relu1_1,relu1_1", ["style-layers", "repeated"]),
        ("style-layers=relu3_4", ["vgg16 has no relu3_4"]),
        ("content-weight=0 style-weight=0", ["weight"]),
        ("init=network model=nosuchmodel", ["nosuchmodel"]),
        ("loss-network=vgg99", ["vgg99", "pentimento models"]),
        ("loss-network=/nowhere/network.safetensors", ["/nowhere/network.safetensors"]),
        ("state-location=/proc/nowhere/state", ["state-location", "/proc/nowhere/state"]),
        ("passes=2 store-location=/proc/nowhere", ["store-location", "/proc/nowhere"]),
    ])
    func badValuesAreNamed(properties: String, words: [String]) throws {
        let error = try OptimizeRun.failure(properties)
        for word in words { #expect(error.contains(word), "\(properties): \(error)") }
    }

    @Test func framesTooSmallForALayerAreRefused() throws {
        let error = try OptimizeRun.failure(
            "content-layers=relu5_1", frames: TestFrame.sequence(1, width: 15, height: 24))
        #expect(error.contains("15x24") && error.contains("relu5_1"))
    }

    @Test func missingLossNetworkErrorNamesTheFetchCommand() throws {
        // No folder in the search path contains this name.
        #expect(try OptimizeRun.failure("loss-network=vgg19-missing").contains("pentimento models"))
    }

    @Test func aModelIsNoLossNetwork() throws {
        let scream = "\(TestData.repository)/Plugins/GstPentimento/Models/paintings.safetensors"
        #expect(try OptimizeRun.failure("loss-network=\(scream)").contains("no loss network"))
    }

    /// After an error the end of the stream does not start the work again.
    @Test(arguments: ["", "passes=3"]) func nonFiniteLossIsAnError(properties: String) throws {
        let weights = try LossNetworkWeights.random()
        let huge = weights.convolutions.map { layer in
            LossNetworkWeights.Convolution(
                outputs: layer.outputs, inputs: layer.inputs, weight: layer.weight.map { $0 * 1e18 }, bias: layer.bias)
        }
        let path = "\(OptimizeFiles.folder)/huge.safetensors"
        try LossNetworkFile(kind: weights.kind, convolutions: huge, input: .networkSpace).write(to: path)
        let run = try OptimizeRun(OptimizeRun.element("loss-network=\(path) \(properties)"))
        _ = try run.run(OptimizeRun.small(2))
        #expect(run.error?.contains("is not finite") == true, "\(run.error ?? "no error")")
        #expect(run.progress.isEmpty)
        OptimizeFiles.remove(path)
    }

    // MARK: - Style images

    /// Creates an image with GStreamer.
    private func image(_ name: String, _ format: String, width: Int = 40, height: Int = 30, pattern: String = "smpte")
        throws -> String
    {
        let path = "\(OptimizeFiles.folder)/\(name)"
        let pipeline = try TestPipeline(
            "videotestsrc num-buffers=1 pattern=\(pattern) ! video/x-raw,format=\(format),width=\(width),height=\(height) ! "
                + "pngenc ! filesink location=\(path)")
        try pipeline.run()
        return path
    }

    @Test func allImageFormatsAreRead() throws {
        let frames = OptimizeRun.small(1)
        for (name, format, width) in [
            ("grey.png", "GRAY8", 40), ("deep.png", "GRAY16_BE", 40), ("alpha.png", "RGBA", 40),
            ("wide.png", "RGB", 8000),
        ] {
            let path = try image(name, format, width: width)
            #expect(try OptimizeRun.bytes(frames, "style-images=\(path)")[0] != frames[0].makeBytes(), "\(name)")
        }
    }

    @Test func transparentPartsAreWhite() throws {
        let frames = OptimizeRun.small(1)
        let clear = try image("clear.png", "RGBA", pattern: "solid-color foreground-color=0x00345678")
        let white = try image("white.png", "RGB", pattern: "solid-color foreground-color=0xffffffff")
        let red = try image("red.png", "RGB", pattern: "solid-color foreground-color=0xffff0000")
        let expected = try OptimizeRun.bytes(frames, "style-images=\(white)")
        #expect(try OptimizeRun.bytes(frames, "style-images=\(clear)") == expected)
        #expect(try OptimizeRun.bytes(frames, "style-images=\(red)") != expected)
    }

    @Test func invalidStyleImagesAreRefused() throws {
        let text = "\(OptimizeFiles.folder)/text.png"
        try Files.write(Array("no picture at all".utf8), to: text)
        let cut = "\(OptimizeFiles.folder)/cut.png"
        try Files.write(Array(try Files.read(OptimizeFiles.painting).prefix(200)), to: cut)
        let empty = "\(OptimizeFiles.folder)/empty.png"
        try Files.write([], to: empty)
        let single = try image("single.png", "RGB", width: 1, height: 1)
        let clip = "\(TestData.repository)/Examples/media/cockatoo.mp4"
        for (path, word) in [
            (text, "text.png"), (cut, "cut.png"), (empty, "empty"), (single, "1x1"), (clip, "a video"),
            ("/nowhere/a.png", "no such file"), (OptimizeFiles.folder, "folder"),
        ] {
            let error = try OptimizeRun.failure("style-images=\(path)")
            #expect(error.contains(word), "\(path): \(error)")
        }
    }

    @Test func pathsMayHaveCommasAndSpaces() throws {
        let odd = "\(OptimizeFiles.folder)/one, two\\three .png"
        try Files.write(try Files.read(OptimizeFiles.painting), to: odd)
        let run = try OptimizeRun(OptimizeRun.element())
        try run.pipeline.setText(
            "style-images", of: "optimizer", to: String(odd.flatMap { ",\\ ".contains($0) ? "\\\($0)" : "\($0)" }))
        let outputs = try run.run(OptimizeRun.small(1))
        #expect(run.error == nil)
        let expected = try OptimizeRun.bytes(OptimizeRun.small(1), flow: "identity")
        #expect(outputs.map(\.bytes) == expected)
    }

    @Test func severalPaintingsAreBlended() throws {
        let other = try image("other.png", "RGB")
        let frames = OptimizeRun.small(1)
        let both = "style-images=\(OptimizeFiles.painting),\(other)"
        let even = try OptimizeRun.bytes(frames, both)
        #expect(try OptimizeRun.bytes(frames, "\(both) style-blend=3,3") == even)
        #expect(try OptimizeRun.bytes(frames, "\(both) style-blend=3,1") != even)
        #expect(try OptimizeRun.bytes(frames) != even)
    }
}
