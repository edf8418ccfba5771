import Imaging
import NeuralNet
import TestSupport
import Testing

/// The computed memory of plans, and their limits.
@Suite struct PlanCostTests {
    private func description(
        _ architecture: String, kind: ModelDescription.Kind = .image, padding: Padding = .zero
    ) throws -> ModelDescription {
        ModelDescription(
            kind: kind, architecture: try Architecture(parsing: architecture), padding: padding,
            isGated: architecture.hasSuffix("-4"))
    }

    @Test(
        arguments: [
            "c9s1-16,d32,R32,U2,c3s1-16,c9s1-3", "c5s2-18,c3s1d2-34,R34d3,u20,c7s1-3", "c3s1-5,R5,c1s1-3",
            "c9s1-8,d20,d33,R33,R33,U2,c3s1-17,U2,c9s1-4", "R7,U2,R7,d40,U3,c3s3-16,u3,c3s2-4",
        ], Padding.allCases)
    func networkTakesThePredictedMemory(architecture: String, padding: Padding) throws {
        let description = try description(architecture, kind: .video, padding: padding)
        for (width, height) in [(37, 22), (300, 200)] {
            guard let cost = try? Network.cost(of: description, width: width, height: height, threads: 3) else {
                continue
            }
            let network = try Network(
                model: try Model(bytes: try Model.formulaBytes(description)), width: width, height: height, threads: 3)
            #expect(network.cost == cost)
        }
    }

    @Test func lossNetworkTakesThePredictedMemory() throws {
        let weights = try LossNetworkWeights.random()
        let layers = [LossLayer(block: 1, convolution: 2), LossLayer(block: 3, convolution: 1)]
        for (count, gradient) in [(1, true), (3, true), (2, false)] {
            let cost = try LossNetwork.cost(
                weights, layers: layers, pooling: .max, width: 50, height: 40, count: count, gradient: gradient)
            let network = try LossNetwork(
                weights: weights, layers: layers, pooling: .max, width: 50, height: 40, count: count,
                gradient: gradient)
            #expect(network.cost == cost)
        }
        let one = try PerceptualLoss.cost(
            weights: weights, contentLayers: layers, styleLayers: layers, width: 50, height: 40)
        let four = try PerceptualLoss.cost(
            weights: weights, contentLayers: layers, styleLayers: layers, width: 50, height: 40, count: 4)
        #expect(four.bytes > 3 * one.bytes / 2 && four.bytes < 4 * one.bytes)
    }

    @Test func trainingTakesMoreThanInference() throws {
        let description = try description("c9s1-16,d32,R32,U2,c3s1-16,c9s1-4", kind: .video)
        let playing = try Network.cost(of: description, width: 64, height: 64)
        let (first, further) = try TrainingNetwork.costs(of: description, width: 64, height: 64)
        #expect(first.bytes > 2 * playing.bytes)
        // Weights and gradients are shared.
        #expect(further.bytes < first.bytes && further.bytes > playing.bytes / 2)
    }

    /// Many channels after upsampling, in a file of 600 kilobytes.
    @Test func smallFileOfAHugeNetworkIsRejected() throws {
        let description = try description("c1s1-16,U8,U8,c3s1-2048,c1s8-1,c1s8-1,c3s1-3")
        for (width, height) in [(160, 90), (20, 10), (1, 1)] {
            #expect(throws: ModelError.self) {
                let cost = try Network.cost(of: description, width: width, height: height)
                try cost.check("the network", remedy: "take another", limit: 1 << 30)
            }
        }
    }

    @Test func errorStatesTheMultiplications() throws {
        let description = try description("c9s1-256,c31s1-256,c31s1-256,c3s1-3")
        let error = #expect(throws: ModelError.self) { try Network.cost(of: description, width: 1000, height: 500) }
        let expected = "takes 126 million multiplications for each pixel at 1000x500; at most 16 million are supported"
        #expect(error?.description.hasSuffix(expected) == true, "\(String(describing: error))")
    }

    @Test func costIsComparedWithTheLimit() throws {
        let cost = try Network.cost(of: description("c3s1-64,R64,U4,c3s1-64,c3s4-3"), width: 160, height: 90)
        try cost.check("it", remedy: "none", limit: cost.bytes)
        let error = #expect(throws: ModelError.self) {
            try cost.check("the network at 160x90", remedy: "take smaller frames", limit: cost.bytes - 1)
        }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("the network at 160x90 needs ") && text.contains(" MB of memory, and may take "))
        #expect(text.hasSuffix(": take smaller frames, or set PENTIMENTO_MEMORY_LIMIT"))
    }

    @Test func overflowExceedsAnyLimit() throws {
        var cost = PlanCost()
        cost.add(.max / 2, of: 4)
        #expect(cost.bytes == .max)
        cost.add(5)
        #expect(cost.bytes == .max)
        var sum = PlanCost()
        sum.add(cost, times: 3)
        #expect(throws: ModelError.self) { try sum.check("it", remedy: "none", limit: .max) }
        var two = PlanCost()
        two.add(.max - 1, of: 1)
        two.add(2, of: 1)
        #expect(two.bytes == .max)
    }

    /// Small strings and files that describe networks of impossible size give an error before anything is computed or
    /// allocated.
    @Test(
        arguments: [
            // Width and height.
            [String](repeating: "c1s8-1", count: 60) + [String](repeating: "U8", count: 60) + ["c3s1-3"],
            [String](repeating: "U8", count: 60) + [String](repeating: "c1s8-1", count: 60) + ["c3s1-3"],
            ["U8", "c1s1-1", "U8", "c1s1-1", "U8", "c1s1-1", "U8", "c1s1-1", "c1s8-1", "c1s8-1", "c1s8-1", "c1s8-3"],
            // Folded upsampling, and the channels of all phases.
            ["c1s1-1", "U8", "U8", "U8", "c3s1-2048", "c1s8-1", "c1s8-1", "c1s8-3"],
            ["c1s1-2048", "U8", "U8", "c31s1-2048", "c1s8-1", "c1s8-1", "c3s1-3"],
            // Channels and multiplications.
            [String](repeating: "c31s1-2048", count: 100) + ["c3s1-3"],
            [String](repeating: "c31s1d64-2048", count: 100) + ["c3s1-3"],
            ["c9s1-256", "c31s1-256", "c31s1-256", "c3s1-3"],
        ])
    func impossibleSizes(layers: [String]) throws {
        for padding in Padding.allCases {
            let description = try description(layers.joined(separator: ","), padding: padding)
            #expect(throws: ModelError.self) {
                let cost = try Network.cost(of: description, width: 160, height: 90)
                try cost.check("it", remedy: "none", limit: 1 << 40)
            }
            #expect(throws: ModelError.self) {
                let costs = try TrainingNetwork.costs(of: description, width: 256, height: 256)
                try costs.first.check("it", remedy: "none", limit: 1 << 40)
            }
        }
    }

    /// The largest usual networks are far from the limits.
    @Test(
        arguments: [
            "c9s1-32,d64,d128,R128,R128,R128,R128,R128,U2,c3s1-64,U2,c3s1-32,c9s1-3",
            "c9s1-64,d128,d256,R256,R256,R256,R256,R256,R256,R256,R256,R256,U2,c3s1-128,U2,c3s1-64,c9s1-3",
            "c9s1-32,c3s1-64,c3s1-128,R128d4,R128d4,R128d4,R128d4,R128d4,c3s1-64,c3s1-32,c9s1-3",
        ], [(1, 1), (160, 90), (1920, 1080)])
    func usualSizes(architecture: String, size: (Int, Int)) throws {
        _ = try Network.cost(of: description(architecture), width: size.0, height: size.1)
    }

    @Test func errorNamesTheLayer() throws {
        let wide = try description("c1s1-16,U8,U8,c3s1-2048,c1s8-1,c1s8-1,c3s1-3")
        let error = #expect(throws: ModelError.self) { try Network.cost(of: wide, width: 160, height: 90) }
        let expected = "layer 3, \"c3s1-2048\", has 8388608 channels of 192x128 values, which is too large"
        #expect(error?.description == expected)
    }
}
