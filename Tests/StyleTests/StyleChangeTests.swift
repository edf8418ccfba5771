import Flow
import Imaging
import Style
import TestSupport
import Testing

@Suite struct StyleChangeTests {
    let models = TestData.repository + "/Plugins/GstPentimento/Models"

    /// Stylizes frames until one starts another style or reports a failure.
    private func run(
        _ stylizer: Stylizer, _ request: StyleRequest, from start: Double
    ) throws -> (result: StyleResult, frame: TestFrame) {
        // The models of an earlier request may be loading; this request's are loaded afterwards.
        for count in 0..<4 {
            let frame = TestFrame(width: 24, height: 16)
            let prior = Prior(
                image: Image(width: 24, height: 16, repeating: 80),
                certainty: Plane(width: 24, height: 16, repeating: 1))
            let result = try frame.stylize(
                with: stylizer, request, prior: prior, time: start + Double(count) * 0.001)
            if result.isStyleChange || result.failure != nil { return (result, frame) }
            stylizer.waitForModels()
        }
        throw Unchanged()
    }

    private struct Unchanged: Error {}

    @Test func anotherStyleBeginsWithoutThePrior() throws {
        let folder = try TemporaryFolder()
        folder.copy(models + "/paintings.safetensors", as: "other.safetensors")
        let library = ModelLibrary(folders: [folder.path, models])
        let stylizer = try Stylizer(StyleRequest(model: "scream"), library: library)
        let alone = try TestFrame(width: 24, height: 16).stylize(with: stylizer, StyleRequest(model: "scream"))
        let (result, _) = try run(stylizer, StyleRequest(model: "other"), from: 1)
        #expect(result.isStyleChange)
        // The network is the same, so without a prior its output is unchanged.
        #expect(result.output == alone.output)
    }

    @Test func theOldStyleFadesOut() throws {
        let folder = try TemporaryFolder()
        folder.copy(models + "/paintings.safetensors", as: "other.safetensors")
        let library = ModelLibrary(folders: [folder.path, models])
        let stylizer = try Stylizer(StyleRequest(model: "scream"), library: library)
        // With a bright prior the old style differs from the new one's first frame.
        let (_, first) = try run(stylizer, StyleRequest(model: "other"), from: 1)
        let next = TestFrame(width: 24, height: 16)
        let other = StyleRequest(model: "other")
        try next.stylize(with: stylizer, other, time: 50)
        let afterwards = TestFrame(width: 24, height: 16)
        try afterwards.stylize(with: stylizer, other, time: 50.1)
        #expect(first.bytes != next.bytes, "the first frame still shows the old style")
        #expect(next.bytes == afterwards.bytes, "a minute later nothing is left of it")
    }

    @Test func aBadModelIsReportedOnceAndTheOldStyleGoesOn() throws {
        let folder = try TemporaryFolder()
        folder.copy(models + "/paintings.safetensors", as: "cut.safetensors", keeping: 5000)
        let library = ModelLibrary(folders: [folder.path, models])
        let stylizer = try Stylizer(StyleRequest(model: "scream"), library: library)
        for bad in ["cut", "missing", folder.path] {
            let (result, frame) = try run(stylizer, StyleRequest(model: bad), from: 0)
            #expect(result.failure != nil && !result.isStyleChange)
            #expect(frame.bytes != TestFrame(width: 24, height: 16).bytes)
            for _ in 0..<3 {
                let later = try TestFrame(width: 24, height: 16).stylize(with: stylizer, StyleRequest(model: bad))
                #expect(later.failure == nil)
                stylizer.waitForModels()
            }
        }
        // Back to the style still in use: nothing to load.
        let result = try TestFrame(width: 24, height: 16).stylize(with: stylizer, StyleRequest(model: "scream"))
        #expect(result.failure == nil && !result.isStyleChange)
    }

    @Test func manyChangesEndWithTheLast() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b", "c", "d"] { folder.copy(models + "/paintings.safetensors", as: name + ".safetensors") }
        let library = ModelLibrary(folders: [folder.path, models])
        let stylizer = try Stylizer(StyleRequest(model: "scream"), library: library)
        for step in 0..<12 {
            let request = StyleRequest(model: ["a", "b", "c"][step % 3])
            try TestFrame(width: 24, height: 16).stylize(with: stylizer, request)
        }
        // A style that was not requested before: any of the others may be loaded already.
        let (result, _) = try run(stylizer, StyleRequest(model: "d"), from: 1)
        #expect(result.isStyleChange)
    }

    @Test func aChangeOfScaleIsNoChangeOfStyle() throws {
        let stylizer = try Stylizer(StyleRequest(model: "scream"), library: ModelLibrary(folders: [models]))
        let small = StyleRequest(model: "scream", scale: 0.5)
        var width = 24
        for _ in 0..<2 where width == 24 {
            let result = try TestFrame(width: 24, height: 16).stylize(with: stylizer, small)
            #expect(!result.isStyleChange)
            width = result.output.width
            stylizer.waitForModels()
        }
        #expect(width == 12)
    }
}
