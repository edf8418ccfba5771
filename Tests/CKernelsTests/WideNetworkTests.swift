import CKernels
import Imaging
import NeuralNet
import TestSupport
import Testing

/// Networks with more channels than known ones. Sub-pixel convolutions have the channels of all phases, so in the
/// backward pass a convolution reads 2048 channels and more.
@Suite struct WideNetworkTests {
    /// The input channels of the widest backward convolution: 2112, 2304, 2304 and, by decomposed 9x9 Winograd, 2560.
    @Test(
        arguments: [
            ("d4,U2,c3s1-528,c3s1-4", 8), ("d4,d4,U4,c3s1-144,c3s1-4", 8), ("d4,u576,c3s1-4", 8),
            ("c3s1-4,d4,d4,U4,c31s1-160,c3s1-4", 12),
        ])
    func trainingOfAWideNetwork(architecture: String, side: Int) throws {
        let description = ModelDescription(
            kind: .video, architecture: try Architecture(parsing: architecture), padding: .zero, isGated: true)
        let parameters = try NetworkParameters(random: description, seed: 3)
        let frame = randomImage(width: side, height: side, channels: 3, seed: 6)
        let prior = randomImage(width: side, height: side, channels: 3, seed: 7)
        let certainty = Plane<Float>(width: side, height: side, repeating: 0.5)
        let slope = randomImage(width: side, height: side, channels: 3, seed: 8)
        let gradients = try withEachVariant {
            let network = try TrainingNetwork(description: description, width: side, height: side, threads: 2)
            network.load(parameters.values)
            _ = try network.forward(frame: frame, prior: prior, certainty: certainty)
            var gradients = [Float](repeating: 0, count: network.parameterCount)
            try network.backward(slope, into: &gradients)
            return gradients
        }
        for (tensor, range) in parameters.tensors.map({ ($0.name, $0.range) }) where tensor.hasSuffix(".weight") {
            let largest = gradients[0][range].reduce(0) { max($0, abs($1)) }
            #expect(largest.isFinite && largest > 0, "\(tensor)")
            for other in gradients.dropFirst() {
                let difference = largestDifference(Array(other[range]), Array(gradients[0][range]))
                #expect(difference < 0.002 * largest, "\(tensor)")
            }
        }
    }

    /// Convolutions with more channels than scratch memory of fixed size could hold.
    @Test(arguments: ["c3s1-2048,c3s1-3", "c1s1-2048,c9s1-3", "c1s1-2048,c5s2-16,u3"])
    func widestLayers(architecture: String) throws {
        let description = ModelDescription(
            kind: .image, architecture: try Architecture(parsing: architecture), padding: .zero)
        let model = try Model(bytes: try Model.formulaBytes(description))
        let frame = randomImage(width: 10, height: 6, channels: 3, seed: 6)
        let images = try withEachVariant {
            try Network(model: model, width: 10, height: 6, threads: 2).run(frame: frame).samples
        }
        for image in images { #expect(largestDifference(image, images[0]) < 0.05) }
    }

    @Test func tooLargeAllocationsFail() {
        for floats in [Int.max, Int.max / 4, 1 << 60, 1 << 50] {
            #expect(blocked_allocate(floats) == nil)
            #expect(blocked_scratch_create(2, floats) == nil)
        }
        #expect(UInt(bitPattern: blocked_allocation_size(.max)) == UInt.max)
    }

    /// Zeros at any size, aligned to cache lines; large allocations are mapped pages.
    @Test(arguments: [0, 1, 17, 1 << 19, 1 << 23, 9 << 20])
    func allocatedMemoryIsZero(floats: Int) throws {
        for _ in 0..<2 {
            let memory = try #require(blocked_allocate(floats))
            #expect(Int(bitPattern: memory) % 64 == 0)
            let isZero = (0..<floats).allSatisfy { memory[$0] == 0 }
            #expect(isZero)
            for index in 0..<floats { memory[index] = 1 }
            blocked_free(memory, floats)
        }
    }
}
