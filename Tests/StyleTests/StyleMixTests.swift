import Imaging
import ModelFiles
import NeuralNet
import Style
import TestSupport
import Testing

/// Mixes of the styles of one model, also while playing.
@Suite struct StyleMixTests {
    private let folder: TemporaryFolder
    private let library: ModelLibrary
    private let model: Model

    init() throws {
        folder = try TemporaryFolder()
        var description = ModelDescription(
            kind: .image, architecture: try Architecture(parsing: "c3s1-5,R5,c3s1-3"), padding: .replicate)
        let one = try NetworkParameters(Model(bytes: Model.formulaBytes(description, seed: 1)))
        let ranges = NormRanges(one)
        description.styles = ["day", "night", "fog"]
        let norms: [[Float]] = (0..<3).map { style in
            (0..<ranges.count).map { index -> Float in Float((index + 2 * style) % 7) * 0.25 - Float(style) / 2 }
        }
        let file = try NetworkParameters(description: description, values: one.values).encoded(norms: norms)
        folder.write(file, to: "three.safetensors")
        library = ModelLibrary(folders: [folder.path])
        model = try Model(bytes: file)
    }

    private func request(_ mix: String, model: String = "three") -> StyleRequest {
        StyleRequest(model: model, mix: mix)
    }

    private func expected(_ shares: [Float]) throws -> Image {
        try Network(model: model.mixing(shares), width: 24, height: 16)
            .run(frame: TestFrame(width: 24, height: 16).networkImage)
    }

    private func output(of stylizer: Stylizer, _ mix: String, model: String = "three") throws -> StyleResult {
        try TestFrame(width: 24, height: 16).stylize(with: stylizer, request(mix, model: model))
    }

    private static let blends: [(String, [Float])] = [
        ("", [1, 0, 0]), ("night", [0, 1, 0]), ("day:1,fog:3", [0.25, 0, 0.75]), (" fog : 2 , fog:1 ", [0, 0, 1]),
        ("day:0,night:0.5", [0, 1, 0]),
    ]

    @Test(arguments: blends)
    func mixesAreBlends(mix: String, shares: [Float]) throws {
        let stylizer = try Stylizer(request(mix), library: library)
        #expect(try output(of: stylizer, mix).output == expected(shares))
    }

    /// A style of a file with several is found by its name alone; files of that name go before it.
    @Test func stylesOfAFileHaveNames() throws {
        let path = try library.path(of: "three")
        #expect(library.listModels().map(\.location) == ["day", "fog", "night"].map { "\(path)#\($0)" })
        #expect(try library.resolved("fog") == "\(path)#fog" && library.path(of: "fog") == path)
        let stylizer = try Stylizer(request("", model: "fog"), library: library)
        #expect(try output(of: stylizer, "", model: "fog").output == expected([0, 0, 1]))
        #expect(try output(of: stylizer, "night", model: "fog").output == expected([0, 1, 0]))
        let error = #expect(throws: ModelLookupError.self) { try library.model("fogg") }
        #expect(error?.description.contains("did you mean \"fog\"") == true)

        // A folder before goes before; in one folder, a file goes before a style.
        let later = try TemporaryFolder(files: ["night.safetensors", "dusk.safetensors"])
        let both = ModelLibrary(folders: [folder.path, later.path])
        #expect(try both.resolved("night") == "\(path)#night" && both.path(of: "dusk").hasPrefix(later.path))
        #expect(both.listModels().map(\.name) == ["day", "dusk", "fog", "night"])
        let file = folder.write([], to: "fog.safetensors")
        #expect(try library.path(of: "fog") == file)
        #expect(library.listModels().map(\.location) == ["\(path)#day", file, "\(path)#night"])
    }

    @Test func theMixReplacesTheStyleOfTheName() throws {
        let stylizer = try Stylizer(request("", model: "three#fog"), library: library)
        #expect(try output(of: stylizer, "", model: "three#fog").output == expected([0, 0, 1]))
        #expect(try output(of: stylizer, "night", model: "three#fog").output == expected([0, 1, 0]))
        #expect(try output(of: stylizer, "", model: "three#fog").output == expected([0, 0, 1]))
    }

    /// The very next frame shows the new mix; no model is loaded, so it is no change of style.
    @Test func aMixChangesAtOnce() throws {
        let stylizer = try Stylizer(request("day"), library: library)
        #expect(try output(of: stylizer, "day").output == expected([1, 0, 0]))
        let changes: [(String, [Float])] = [("day:3,night:1", [0.75, 0.25, 0]), ("night,fog", [0, 0.5, 0.5])]
        for (mix, shares) in changes {
            let result = try output(of: stylizer, mix)
            #expect(result.output == (try expected(shares)) && !result.isStyleChange && result.failure == nil)
        }
    }

    @Test(arguments: ["dusk", "day:x", "day:-1", ":1", "day,,fog", "day:0", "day:inf", ","])
    func wrongMixesKeepTheOldOne(mix: String) throws {
        #expect(throws: ModelError.self) { _ = try output(of: Stylizer(request(mix), library: library), mix) }
        let stylizer = try Stylizer(request("night"), library: library)
        _ = try output(of: stylizer, "night")
        let result = try output(of: stylizer, mix)
        #expect(result.output == (try expected([0, 1, 0])))
        #expect(result.failure.map { $0 is ModelError } == true)
        #expect(try output(of: stylizer, mix).failure == nil, "said once")
        #expect(try output(of: stylizer, "day").output == expected([1, 0, 0]))
    }
}
