import Flow
import Glibc
import Imaging
import NeuralNet
import Style
import TestSupport
import Testing

@Suite struct InitialImageTests {
    private let frame = OptimizationCase.image(seed: 1)
    private let previous = OptimizationCase.image(seed: 2)

    private func images(_ start: OptimizationSettings.Start, seed: UInt64 = 0) throws -> InitialImages {
        try InitialImages(
            settings: OptimizationCase.settings {
                $0.nextStart = start
                $0.seed = seed
            }, library: OptimizationCase.library, model: "scream")
    }

    @Test func noiseIsGaussianAndDependsOnSeedAndFrame() throws {
        let large = Image(width: 300, height: 200)
        func noise(_ number: Int, seed: UInt64 = 0) throws -> Image {
            try images(.random, seed: seed).image(.random, for: large, number: number)
        }
        let values = try noise(0).samples.map { Double($0 / InitialImages.noiseDeviation) }
        let count = Double(values.count)
        func moment(_ power: Double) -> Double { values.reduce(0) { $0 + pow($1, power) } / count }
        #expect(abs(moment(1)) < 0.01 && abs(moment(2) - 1) < 0.02 && abs(moment(4) - 3) < 0.1)
        #expect(try noise(0) == noise(0))
        #expect(try noise(0) != noise(1))
        #expect(try noise(0) != noise(0, seed: 1))
        // The noise of another frame is not a shifted copy.
        #expect(try noise(1, seed: 0) != noise(0, seed: 1))
    }

    @Test func eachStartMatchesItsName() throws {
        var flow = OptimizationCase.still()
        flow.u = flow.u.map { _ in 3 }
        let motion = NeighborMotion(flow: flow, certainty: OptimizationCase.plane { x, _ in x < 20 ? 1 : 0 })
        func image(_ start: OptimizationSettings.Start, previous: Image?) throws -> Image {
            try images(start).image(start, for: frame, number: 1, previous: previous, motion: motion)
        }
        #expect(try image(.content, previous: previous) == frame)
        #expect(try image(.previous, previous: previous) == previous)
        let warped = try image(.previousWarped, previous: previous)
        for y in 0..<frame.height {
            for x in 0..<frame.width {
                // Beyond the border the last column is repeated.
                let from = y * frame.width + min(x + 3, frame.width - 1)
                #expect(abs(warped.samples[y * frame.width + x] - previous.samples[from]) < 0.01)
            }
        }
        let styled = try image(.network, previous: nil)
        let network = try Network(
            model: Model(contentsOf: OptimizationCase.library.path(of: "scream")), width: frame.width,
            height: frame.height)
        #expect(try styled == network.run(frame: frame))
        let coherent = try image(.network, previous: previous)
        #expect(coherent != styled)
        #expect(coherent.distance(from: warped) < styled.distance(from: warped), "it knows the frame before")
    }

    @Test func aMissingModelIsAnErrorOnlyIfNeeded() throws {
        let nowhere = ModelLibrary(folders: [])
        _ = try InitialImages(settings: OptimizationCase.settings(), library: nowhere, model: "scream")
        #expect(throws: ModelLookupError.self) {
            try InitialImages(
                settings: OptimizationCase.settings { $0.firstStart = .network }, library: nowhere, model: "scream")
        }
    }
}
