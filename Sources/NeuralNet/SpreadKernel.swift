/// A convolution as the blocked kernels compute it: with whole blocks of outputs, and upsampling folded into it.
///
/// Where a convolution follows nearest-neighbour upsampling, or has a fractional stride, the pixels of its output fall into `spread *
/// spread` phases, and each phase is a smaller convolution of the input that was not upsampled: its weights are sums of
/// the kernel's columns and rows that fall on the same pixel. So all phases are one convolution with so many more outputs.
struct SpreadKernel {
    /// Side of the kernel, odd.
    let side: Int
    let inputs: Int
    let spread: Int
    /// Channels of the output of one phase, those that are only there to fill blocks among them.
    let phaseOutputs: Int
    /// `blocks * 16 * inputs * side * side` weights.
    let weight: [Float]

    var blocks: Int { (phaseOutputs * spread * spread + 15) / 16 }

    /// - Parameters:
    ///   - taps: for each phase along one axis, and each tap of the kernel, the tap of the phase's kernel that it is added to.
    ///   - isDense: phases follow each other without filling blocks, as in the last layer.
    private init(_ weights: ConvolutionWeights, side: Int, taps: [[Int?]], isDense: Bool) {
        self.side = side
        inputs = weights.inputs
        spread = taps.count
        phaseOutputs = isDense ? weights.outputs : (weights.outputs + 15) / 16 * 16
        var weight = [Float](
            repeating: 0, count: (phaseOutputs * spread * spread + 15) / 16 * 16 * inputs * side * side)
        for phase in 0..<spread * spread {
            for output in 0..<weights.outputs {
                for input in 0..<inputs {
                    let target = ((phase * phaseOutputs + output) * inputs + input) * side * side
                    let source = (output * inputs + input) * weights.kernel * weights.kernel
                    for y in 0..<weights.kernel {
                        guard let row = taps[phase / spread][y] else { continue }
                        for x in 0..<weights.kernel {
                            guard let column = taps[phase % spread][x] else { continue }
                            weight[target + row * side + column] += weights.weight[source + y * weights.kernel + x]
                        }
                    }
                }
            }
        }
        self.weight = weight
    }

    /// A convolution after upsampling by `factor` (1: none).
    init(_ weights: ConvolutionWeights, upsampledBy factor: Int, isDense: Bool) {
        func place(_ phase: Int, _ tap: Int) -> Int {
            let position = phase + tap - weights.kernel / 2
            return position >= 0 ? position / factor : -((factor - 1 - position) / factor)
        }
        let reach = max(-place(0, 0), place(factor - 1, weights.kernel - 1))
        let taps = (0..<factor).map { phase in (0..<weights.kernel).map { Int?(place(phase, $0) + reach) } }
        self.init(weights, side: 2 * reach + 1, taps: taps, isDense: isDense)
    }

    /// A fractionally strided 3x3 convolution. Output o takes tap k from input i where `2i - 1 + k = o`: an even one takes
    /// the middle tap from its own input, an odd one the last from its own and the first from the next.
    init(fractional weights: ConvolutionWeights, isDense: Bool) {
        self.init(weights, side: 3, taps: [[nil, 1, nil], [2, nil, 1]], isDense: isDense)
    }
}
