import Imaging
import NeuralNet
import TestSupport
import Testing

/// A cancelled network stops before the next layer.
@Suite struct CancelledRunTests {
    private let description: ModelDescription
    private let frame = randomImage(width: 40, height: 32, seed: 1)

    init() throws {
        description = ModelDescription(
            kind: .video, architecture: try Architecture(parsing: "c9s1-16,d32,R32,U2,c3s1-16,c9s1-4"),
            padding: .replicate, isGated: true)
    }

    @Test(arguments: [0, 1, 3, 5]) func networkStopsAfterTheCurrentLayer(layer: Int) throws {
        let network = try Network(
            model: try Model(bytes: try Model.formulaBytes(description)), width: 40, height: 32)
        let expected = try network.run(frame: frame)
        let cancellation = Cancellation()
        var done: [Int] = []
        network.observer = { step in
            done.append(step)
            if step == layer { cancellation.request() }
        }
        cancellation.follow {
            #expect(throws: Cancelled.self) { try network.run(frame: frame) }
        }
        #expect(done == Array(0...layer))
        // The next run is not affected.
        network.observer = nil
        #expect(try network.run(frame: frame) == expected)
    }

    @Test(arguments: [0, 1, 7, 20]) func backwardPassStopsAfterTheCurrentPart(part: Int) throws {
        let network = try TrainingNetwork(description: description, width: 40, height: 32)
        func backward() throws -> [Float] {
            _ = try network.forward(frame: frame)
            var gradients = [Float](repeating: 0, count: network.parameterCount)
            try network.backward(frame, into: &gradients)
            return gradients
        }
        let expected = try backward()
        let cancellation = Cancellation()
        var done: [BackwardPart] = []
        network.observer = { _, own in
            done.append(own)
            if done.count == part + 1 { cancellation.request() }
        }
        cancellation.follow {
            #expect(throws: Cancelled.self) { try backward() }
        }
        // A weight gradient that was started is also added up.
        #expect(done.count <= part + 2)
        network.observer = nil
        #expect(try backward() == expected)
    }

    @Test func lossNetworkStopsAfterTheCurrentLayer() throws {
        let layers = [LossLayer(block: 1, convolution: 1), LossLayer(block: 2, convolution: 1)]
        let network = try LossNetwork(
            weights: try .random(), layers: layers, pooling: .max, width: 40, height: 32)
        let cancellation = Cancellation()
        var gradient = Image(width: 40, height: 32)
        var seen: [LossLayer] = []
        cancellation.follow {
            #expect(throws: Cancelled.self) {
                try network.forward(frame)
                try network.backward(into: &gradient) { layer, _, _ in
                    seen.append(layer)
                    cancellation.request()
                }
            }
            #expect(throws: Cancelled.self) { try network.forward(frame) }
        }
        #expect(seen == [layers[1]])
    }

    @Test func cancelledLossesThrow() throws {
        let weights = try LossNetworkWeights.random()
        let layers = [LossLayer(block: 1, convolution: 1)]
        let style = try StyleTarget(weights: weights, layers: layers, images: [(frame, 1)])
        let loss = try PerceptualLoss(
            weights: weights, style: style, contentLayers: layers, styleLayers: layers, contentWeight: 1,
            styleWeight: 1, width: 40, height: 32)
        let cancellation = Cancellation()
        cancellation.request()
        cancellation.follow {
            #expect(throws: Cancelled.self) { try loss.setContent(frame) }
            #expect(throws: Cancelled.self) { try loss.evaluate(frame) }
            #expect(throws: Cancelled.self) {
                try StyleTarget(weights: weights, layers: layers, images: [(frame, 1)])
            }
        }
    }
}
