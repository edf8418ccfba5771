import NeuralNet
import TestSupport
import Testing

/// Adam's update as used by a trainer. `OptimizerPeerTests` compares its results with PyTorch.
@Suite struct AdamStateTests {
    private let count = 20000

    private func gradient(_ step: UInt64) -> [Float] { noise(count, seed: step).map(Float.init) }

    @Test func restoredStateContinuesIdentically() {
        var whole = (state: AdamState(count: count), parameters: gradient(100))
        for step in 1...6 as ClosedRange<UInt64> {
            whole.state.step(&whole.parameters, gradient: gradient(step), rate: 0.01)
        }
        var parameters = gradient(100)
        var state = AdamState(count: count)
        for step in 1...3 as ClosedRange<UInt64> {
            state.step(&parameters, gradient: gradient(step), rate: 0.01, threads: 1)
        }
        var kept = AdamState(mean: state.mean, square: state.square, steps: state.steps)
        for step in 4...6 as ClosedRange<UInt64> {
            kept.step(&parameters, gradient: gradient(step), rate: 0.01, threads: 3)
        }
        #expect(kept == whole.state && parameters == whole.parameters)
    }
}
