/// A convolution in the form that the blocked kernels compute: whole blocks of outputs, and upsampling folded in.
///
/// With upsampling factor r = `upscale`, a convolution after nearest-neighbour upsampling, or with a fractional stride,
/// is a sub-pixel convolution (Shi et al. 2016). Its output pixels fall into r * r phases. Each phase is a smaller
/// convolution of the low-resolution input; its weights are sums of the original taps that fall on the same input
/// pixel. All phases together are one convolution with r * r times the outputs.
struct SubpixelKernel {
    /// Side of the kernel, odd.
    let side: Int
    let inputs: Int
    /// The upscale factor; 1 without upsampling.
    let upscale: Int
    /// Output channels of one phase, including those that pad it to whole blocks.
    let phaseOutputs: Int
    /// Outputs and kernel side of the original convolution.
    let outputs: Int
    let kernel: Int
    /// A tap of a phase's kernel, along one axis, and the factor by which a tap of the original kernel is added to it.
    private struct Share {
        let tap: Int
        let factor: Float
    }

    /// For each phase along one axis and each tap of the original kernel, the taps of the phase's kernel that it is added to.
    private let shares: [[[Share]]]

    /// Output channels of all phases.
    var channels: Int { phaseOutputs * upscale * upscale }
    var blocks: Int { (channels + 15) / 16 }
    var weightCount: Int { blocks * 16 * inputs * side * side }

    /// A convolution after upsampling by `factor` (1: none).
    ///
    /// - Parameter isDense: whether phases are not padded to whole blocks, as in the last layer.
    init(outputs: Int, inputs: Int, kernel: Int, upsampledBy factor: Int, isDense: Bool) {
        func sourcePixel(_ phase: Int, _ tap: Int) -> Int { quotient(phase + tap - kernel / 2, factor) }
        let radius = max(-sourcePixel(0, 0), sourcePixel(factor - 1, kernel - 1))
        self.init(
            outputs: outputs, inputs: inputs, kernel: kernel, side: 2 * radius + 1,
            shares: (0..<factor).map { phase in
                (0..<kernel).map { [Share(tap: sourcePixel(phase, $0) + radius, factor: 1)] }
            }, isDense: isDense)
    }

    /// A convolution after bilinear upsampling by `factor`, pixel centres kept in place (PyTorch: `align_corners=False`).
    init(outputs: Int, inputs: Int, kernel: Int, bilinearlyUpsampledBy factor: Int, isDense: Bool) {
        /// The pixels between which a pixel of the upsampled image lies, the first one's share last.
        func neighbours(_ phase: Int, _ tap: Int) -> (first: Int, share: Float) {
            // In halves of an upsampled pixel, counted from the middle of the input's pixel 0.
            let position = 2 * (phase + tap - kernel / 2) + 1 - factor
            let first = quotient(position, 2 * factor)
            return (first, 1 - Float(position - first * 2 * factor) / Float(2 * factor))
        }
        let radius = max(-neighbours(0, 0).first, neighbours(factor - 1, kernel - 1).first + 1)
        self.init(
            outputs: outputs, inputs: inputs, kernel: kernel, side: 2 * radius + 1,
            shares: (0..<factor).map { phase in
                (0..<kernel).map { tap in
                    let (first, share) = neighbours(phase, tap)
                    return [
                        Share(tap: first + radius, factor: share), Share(tap: first + 1 + radius, factor: 1 - share),
                    ].filter { $0.factor > 0 }
                }
            }, isDense: isDense)
    }

    /// A fractionally strided 3x3 convolution. Tap k of input i contributes to output `o = 2i - 1 + k`: even outputs
    /// have the middle tap of input o / 2, odd ones the last tap of input (o - 1) / 2 and the first of the next input.
    init(fractionalOutputs outputs: Int, inputs: Int, isDense: Bool) {
        self.init(
            outputs: outputs, inputs: inputs, kernel: 3, side: 3,
            shares: [[-1, 1, -1], [2, -1, 1]].map { $0.map { $0 < 0 ? [] : [Share(tap: $0, factor: 1)] } },
            isDense: isDense)
    }

    private init(outputs: Int, inputs: Int, kernel: Int, side: Int, shares: [[[Share]]], isDense: Bool) {
        self.side = side
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.shares = shares
        upscale = shares.count
        phaseOutputs = isDense ? outputs : (outputs + 15) / 16 * 16
    }

    /// The weights of all phases, [blocks * 16][inputs][side][side].
    ///
    /// - Parameter weight: the original weights, [outputs][inputs][kernel][kernel].
    func phaseWeights(of weight: UnsafePointer<Float>) -> [Float] {
        var result = [Float](repeating: 0, count: weightCount)
        result.withUnsafeMutableBufferPointer { result in
            forEachPair { phase, output, input in
                let target = ((phase * phaseOutputs + output) * inputs + input) * side * side
                let source = (output * inputs + input) * kernel * kernel
                forEachTap(of: phase) { from, to, factor in result[target + to] += factor * weight[source + from] }
            }
        }
        return result
    }

    /// The weights of the backward pass, [inputs in whole blocks][channels][side][side]: flipped along both axes, with
    /// inputs and outputs exchanged.
    ///
    /// - Parameter weights: those of all phases, from `phaseWeights(of:)`.
    func flipped(_ weights: [Float]) -> [Float] {
        let taps = side * side
        return [Float](unsafeUninitializedCapacity: (inputs + 15) / 16 * 16 * channels * taps) { result, initialized in
            result.initialize(repeating: 0)
            for input in 0..<inputs {
                for channel in 0..<channels {
                    let source = (channel * inputs + input) * taps
                    let target = (input * channels + channel) * taps
                    for tap in 0..<taps { result[target + taps - 1 - tap] = weights[source + tap] }
                }
            }
            initialized = result.count
        }
    }

    /// Adds the gradient with respect to the weights of all phases to that with respect to the original weights.
    ///
    /// - Parameters:
    ///   - gradient: [block][input][side][side][16], with the inputs padded to whole blocks.
    ///   - total: [outputs][inputs][kernel][kernel].
    func collect(_ gradient: UnsafePointer<Float>, into total: UnsafeMutablePointer<Float>) {
        let filled = (inputs + 15) / 16 * 16
        forEachPair { phase, output, input in
            let channel = phase * phaseOutputs + output
            let source = (channel / 16 * filled + input) * side * side * 16 + channel % 16
            let target = (output * inputs + input) * kernel * kernel
            forEachTap(of: phase) { from, to, factor in
                total[target + from] += factor * gradient[source + to * 16]
            }
        }
    }

    /// Which taps any output of a block uses, [blocks][side][side]; nil if all are used.
    var usedTaps: [UInt8]? {
        var used = [UInt8](repeating: 0, count: blocks * side * side)
        forEachPair { phase, output, _ in
            let block = (phase * phaseOutputs + output) / 16
            forEachTap(of: phase) { _, to, _ in used[block * side * side + to] = 1 }
        }
        return used.contains(0) ? used : nil
    }

    private func forEachPair(_ body: (_ phase: Int, _ output: Int, _ input: Int) -> Void) {
        for phase in 0..<upscale * upscale {
            for output in 0..<outputs {
                for input in 0..<inputs { body(phase, output, input) }
            }
        }
    }

    private func forEachTap(of phase: Int, _ body: (_ from: Int, _ to: Int, _ factor: Float) -> Void) {
        let rows = shares[phase / upscale]
        let columns = shares[phase % upscale]
        for y in 0..<kernel {
            for row in rows[y] {
                for x in 0..<kernel {
                    for column in columns[x] {
                        body(y * kernel + x, row.tap * side + column.tap, row.factor * column.factor)
                    }
                }
            }
        }
    }
}

/// The quotient rounded down, of a positive divisor.
private func quotient(_ dividend: Int, _ divisor: Int) -> Int {
    dividend >= 0 ? dividend / divisor : -((divisor - 1 - dividend) / divisor)
}
