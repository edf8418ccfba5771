import Imaging
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// Model files with several styles.
@Suite struct StyleNormsTests {
    private static let single = ModelDescription(
        kind: .image, architecture: try! Architecture(parsing: "c3s1-5,R5,c3s1-3"), padding: .replicate)

    /// The parameters of one network, and a file of it with the norms of two.
    private func twoStyles() throws -> (one: NetworkParameters, other: NetworkParameters, file: [UInt8]) {
        let one = try NetworkParameters(Model(bytes: Model.formulaBytes(Self.single, seed: 1)))
        let ranges = NormRanges(one)
        var other = one
        ranges.store((0..<ranges.count).map { Float($0) * 0.125 - 1 }, in: &other.values)
        var description = Self.single
        description.styles = ["a \"first\" one", "zwei"]
        let file = try NetworkParameters(description: description, values: one.values)
            .encoded(norms: [ranges.values(in: one.values), ranges.values(in: other.values)])
        return (one, other, file)
    }

    private func image(_ model: Model) throws -> Image {
        let frame = Image(width: 19, height: 13, samples: noise(3 * 19 * 13, seed: 5).map { Float($0) * 60 })
        return try Network(model: model, width: 19, height: 13).run(frame: frame)
    }

    @Test func everyStylePaintsAsItsOwnModel() throws {
        let (one, other, file) = try twoStyles()
        let model = try Model(bytes: file)
        #expect(model.styles == ["a \"first\" one", "zwei"] && model.description.styles == model.styles)
        let images = try [one, other].map { try image($0.model()) }
        #expect(images[0] != images[1])
        #expect(try image(model) == images[0], "the first style is the default")
        #expect(try image(model.selecting("a \"first\" one")) == images[0])
        #expect(try image(model.selecting("zwei")) == images[1])
        #expect(try image(model.mixing([0, 1])) == images[1])
    }

    @Test func stylesBlend() throws {
        let (one, other, file) = try twoStyles()
        let ranges = NormRanges(one)
        var between = one
        let values = zip(ranges.values(in: one.values), ranges.values(in: other.values)).map { 0.75 * $0 + 0.25 * $1 }
        ranges.store(values, in: &between.values)
        #expect(try image(Model(bytes: file).mixing([0.75, 0.25])) == image(between.model()))
    }

    /// A planned network takes over the norms of another style.
    @Test func aPlannedNetworkChangesItsStyle() throws {
        let model = try Model(bytes: twoStyles().file)
        let frame = Image(width: 19, height: 13, samples: noise(3 * 19 * 13, seed: 5).map { Float($0) * 60 })
        let network = try Network(model: model, width: 19, height: 13)
        let first = try network.run(frame: frame)
        for shares: [Float] in [[0.75, 0.25], [0, 1], [1, 0]] {
            network.setNorms(of: model.mixing(shares))
            #expect(try network.run(frame: frame) == image(model.mixing(shares)))
        }
        #expect(try network.run(frame: frame) == first)
    }

    @Test func modelsOfOneStyle() throws {
        let (one, _, _) = try twoStyles()
        var description = Self.single
        description.style = "only"
        let model = try NetworkParameters(description: description, values: one.values).model()
        #expect(model.styles == ["only"])
        #expect(try image(model.selecting("only")) == image(model))
        #expect(throws: ModelError.self) { try model.selecting("zwei") }
    }

    @Test(arguments: ["", "zwei", "[]", "[\"a\", \"a\"]", "[\"\"]", "{}", "[\"a\"]", "[\"a\",\"b\",\"c\"]"])
    func invalidNames(list: String) throws {
        let file = try SafeTensors(bytes: twoStyles().file)
        var metadata = file.metadata
        metadata["styles"] = list
        metadata["checksum"] = nil
        let named = file.tensors.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
        #expect(throws: ModelError.self) { try Model(bytes: SafeTensors.encode(named, metadata: metadata)) }
    }

    @Test func unknownStylesAreNamed() throws {
        let model = try Model(bytes: twoStyles().file)
        let error = #expect(throws: ModelError.self) { try model.selecting("drei") }
        #expect("\(error.map { "\($0)" } ?? "")".contains("zwei"))
    }

    @Test func aFileCutAnywhereGivesAnError() throws {
        let bytes = try twoStyles().file
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: ModelError.self, "cut to \(length)") { try Model(bytes: Array(bytes[..<length])) }
        }
    }
}
