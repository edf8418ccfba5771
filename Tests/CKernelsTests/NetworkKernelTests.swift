import CKernels
import Imaging
import NeuralNet
import TestSupport
import Testing

/// The network kernels at the edges of their memory: odd sizes, odd numbers of channels, each kind of layer and
/// variant. NeuralNetTests check the values.
@Suite struct NetworkKernelTests {
    @Test(
        arguments: [
            ("c9s1-16,d32,d33,R33,U2,c3s1-17,U2,c9s1-4", Padding.reflectStart),
            ("c5s2-18,c3s1d2-34,R34,u20,c7s1-3", .zero),
            ("c9s1-8,d20,R20,u16,c9s1-3", .reflect), ("c3s1-5,R5,c1s1-3", .replicate),
        ])
    func oddSizes(architecture: String, padding: Padding) throws {
        let description = ModelDescription(
            kind: .video, architecture: try Architecture(parsing: architecture), padding: padding,
            isGated: architecture.hasSuffix("-4"))
        let model = try Model(bytes: try Model.formulaBytes(description))
        for (width, height) in PixelKernelTests.sizes + [(41, 30)] {
            let frame = randomImage(width: width, height: height, channels: 3, seed: 6)
            let prior = randomImage(width: width, height: height, channels: 3, seed: 7)
            let certainty = Plane<Float>(width: width, height: height, repeating: 0.75)
            _ = try withEachVariant {
                let network = try Network(model: model, width: width, height: height, threads: 2)
                for pair in [(nil, nil), (prior, certainty)] {
                    let output = try network.run(frame: frame, prior: pair.0, certainty: pair.1)
                    #expect(output.samples.allSatisfy { abs($0) <= 150 })
                }
            }
        }
    }
}
