import CKernels
import Imaging
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// The fast network against the reference implementation, with odd shapes and every kind of layer and padding.
@Suite struct EngineTests {
    static let architectures = [
        "c9s1-16,d32,R32,U2,c3s1-16,c9s1-3",
        "c9s1-8,d20,d33,R33,R33,U2,c3s1-17,U2,c9s1-3",
        "c3s1-5,R5,c1s1-3",
        "c5s2-18,c3s1d2-34,R34d3,u20,c7s1-3",
        "c9s1-16,d24,d40,R40,u24,u16,c9s1-3",
        "R7,U2,R7,d40,U3,c3s3-16,u3,c3s2-3",
        "U2,c5s2-20,c9s1-3",
        "c11s1-20,U4,c5s4-3",
        "u16,d40,c3s1-3",
        "c3s1-16,d24,R24,d40,R40,U2,c3s1-24,+2,U2,c3s1-16,+0,c3s1-4",
        "c5s1-20,c3s1-20,+0,c3s1-20,R20,c3s1-20,+3,c3s1-3",
        "c9s1-40,c9s1-3",
    ]

    /// Bilinear upsampling is part of the kernel behind it, which replicates at the border.
    static let bilinear = [
        "c5s1-8,d20,B2,c3s1-17,c9s1-4", "c3s3-7,B3,c5s1-4", "c5s4-9,R9,B4,c9s1-3", "d8,B2,c1s1-4",
        "c5s1-12,d16,d24,R24,B2,c3s1-16,+1,B2,c5s1-4",
    ]

    @Test(arguments: [
        "c3s1-8,+0,c3s1-3", "c3s1-8,R8,+0,c3s1-3", "c3s1-8,c3s1-8,+1,c3s1-3", "c3s1-8,c3s1-8,+9,c3s1-3",
        "c3s1-8,c3s1-8,c3s1-8,+0,c3s1-8,+1,c3s1-3", "c3s1-8,c3s1-8,+0,c3s1-8,+0,c3s1-3", "c3s1-8,c3s1-8,+0",
        "+0,c3s1-3",
        "c3s1-8,U2,d8,c3s1-8,+1,c3s1-3", "c3s1-8,c3s1-8,+,c3s1-3",
    ])
    func skipConnectionsThatMakeNoSenseAreRefused(text: String) {
        #expect(throws: ModelError.self) { try Architecture(parsing: text) }
    }

    @Test(arguments: ["c3s1-8,d8,c3s1-8,+0,U2,c3s1-3", "c3s1-8,c3s1-9,+0,c3s1-3"])
    func skipConnectionsBetweenShapesAreRefused(text: String) throws {
        let description = ModelDescription(
            kind: .image, architecture: try Architecture(parsing: text), padding: .replicate)
        #expect(throws: ModelError.self) {
            try Network(model: Model(bytes: Model.formulaBytes(description)), width: 16, height: 16)
        }
    }

    @Test(arguments: bilinear) func bilinearUpsamplingIsThatOfTheReferenceNetwork(text: String) throws {
        try fastNetworkMatchesReference(text: text, padding: .replicate)
    }

    @Test(arguments: [
        "c3s1-8,d8,B2,R8,c3s1-3", "d8,B2,c3s2-8,U2,c3s1-3", "B2,c3s2-3", "d8,d8,B2,B2,c3s1-3", "d8,d8,U2,B2,c3s1-3",
        "d8,B2,u8,d3",
    ])
    func bilinearUpsamplingThatNoKernelCanDoIsRefused(text: String) throws {
        let description = ModelDescription(
            kind: .image, architecture: try Architecture(parsing: text), padding: .replicate)
        let model = try Model(bytes: try Model.formulaBytes(description))
        let error = #expect(throws: ModelError.self) { try Network(model: model, width: 16, height: 16) }
        #expect(error?.description.contains("layer") == true && error?.description.contains("bilinear") == true)
    }

    @Test(arguments: architectures, Padding.allCases)
    func fastNetworkMatchesReference(text: String, padding: Padding) throws {
        let architecture = try Architecture(parsing: text)
        let description = ModelDescription(
            kind: .video, architecture: architecture, padding: padding, isGated: text.hasSuffix("-4"))
        let model = try Model(bytes: try Model.formulaBytes(description))
        for (width, height) in [(1, 1), (3, 5), (17, 1), (40, 28), (61, 35)] {
            guard let reference = try? ReferenceNetwork(model: model, width: width, height: height) else { continue }
            let (frame, prior, certainty) = inputs(width: width, height: height)
            let expected = reference.run(frame: frame, prior: prior, certainty: certainty)
            let network = try Network(model: model, width: width, height: height)
            let output = try network.run(frame: frame, prior: prior, certainty: certainty)
            #expect(output.samples.allSatisfy { abs($0) <= 150 })
            // A replicated single pixel has no variance, and two to ten pixels have little. Normalisation divides
            // rounding errors by it.
            if width == 1 && height == 1 { continue }
            let tolerance: Float = min(width, height) < 16 ? 0.3 : 0.03
            #expect(
                largestDifference(output.samples, expected.samples) < tolerance,
                "\(text), \(padding), \(width)x\(height)")
        }
    }
}

/// A frame, a prior and certainties without symmetries that could hide errors.
func inputs(width: Int, height: Int) -> (frame: Image, prior: Image, certainty: Plane<Float>) {
    var state: UInt32 = 7
    func next(_ range: ClosedRange<Float>) -> Float {
        state = state &* 1_664_525 &+ 1_013_904_223
        return range.lowerBound + Float(state >> 8) / Float(1 << 24) * (range.upperBound - range.lowerBound)
    }
    let pixels = width * height
    let frame = (0..<3 * pixels).map { _ in next(-120...140) }
    let certainty = (0..<pixels).map { _ in next(-1...1) > 0 ? Float(1) : 0 }
    let prior = (0..<3 * pixels).map { next(-120...140) * certainty[$0 % pixels] }
    return (
        Image(width: width, height: height, samples: frame), Image(width: width, height: height, samples: prior),
        Plane(width: width, height: height, values: certainty)
    )
}

/// What must not change the output, and what must.
@Suite struct EngineInvarianceTests {
    private let model: Model
    private let frame: Image
    private let prior: Image
    private let certainty: Plane<Float>

    init() throws {
        let description = ModelDescription(
            kind: .video,
            architecture: try Architecture(parsing: "c9s1-16,d32,d64,R64,R64d2,U2,c3s1-32,u16,c9s1-4"), isGated: true)
        model = try Model(bytes: try Model.formulaBytes(description))
        (frame, prior, certainty) = inputs(width: 148, height: 94)
    }

    @Test func threadsDoNotChangeABit() throws {
        let one = try Network(model: model, width: 148, height: 94, threads: 1)
        let expected = try one.run(frame: frame, prior: prior, certainty: certainty)
        for threads in [0, 2, 3, 7, 70] {
            let network = try Network(model: model, width: 148, height: 94, threads: threads)
            for _ in 0..<2 {
                #expect(
                    try network.run(frame: frame, prior: prior, certainty: certainty) == expected, "\(threads) threads")
            }
        }
    }

    @Test func framesAreIndependent() throws {
        let network = try Network(model: model, width: 148, height: 94)
        let first = try network.run(frame: frame)
        let next = try network.run(frame: frame, prior: prior, certainty: certainty)
        #expect(first != next)
        #expect(try network.run(frame: frame) == first)
        #expect(try network.run(frame: frame, prior: prior, certainty: certainty) == next)
    }

    @Test func everyVariantGivesTheSameOutput() throws {
        let expected = try ReferenceNetwork(model: model, width: 148, height: 94)
            .run(frame: frame, prior: prior, certainty: certainty)
        for variant: Int32 in 0...2 {
            kernel_set_variant(variant)
            defer { kernel_set_variant(-1) }
            let network = try Network(model: model, width: 148, height: 94)
            let output = try network.run(frame: frame, prior: prior, certainty: certainty)
            #expect(largestDifference(output.samples, expected.samples) < 0.03, "variant \(variant)")
        }
    }

    @Test func certaintyAndCoherenceMoveTheGate() throws {
        let network = try Network(model: model, width: 148, height: 94)
        func distance(_ coherence: Float) throws -> Float {
            let output = try network.run(frame: frame, prior: prior, certainty: certainty, coherence: coherence)
            return zip(output.samples, prior.samples).enumerated().reduce(0) { sum, pair in
                let isCertain = certainty.values[pair.offset % certainty.values.count] > 0
                return isCertain ? sum + abs(pair.element.0 - pair.element.1) : sum
            }
        }
        let (lively, neutral, steady) = (try distance(-4), try distance(0), try distance(4))
        #expect(lively > neutral)
        #expect(neutral > steady)
        #expect(try distance(100) < 1e-2 * neutral)
    }

    @Test func oddSizesAreStylizedCompletely() throws {
        for (width, height) in [(1, 1), (3, 5), (17, 1), (1, 17), (2, 2), (2111, 3)] {
            let network = try Network(model: model, width: width, height: height)
            let (frame, prior, certainty) = inputs(width: width, height: height)
            let output = try network.run(frame: frame, prior: prior, certainty: certainty)
            #expect(output.width == width && output.height == height)
            #expect(output.samples.allSatisfy { abs($0) <= 150 })
        }
    }

    @Test func frameOfNaNDoesNotCrash() throws {
        let network = try Network(model: model, width: 16, height: 8)
        let output = try network.run(frame: Image(width: 16, height: 8, repeating: .nan))
        #expect(output.samples.allSatisfy { $0.isFinite })
    }
}
