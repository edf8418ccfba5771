import CKernels

/// One step of a network's plan.
struct Step {
    enum Work {
        /// A convolution, and the instance-norm statistics of its output.
        case convolution(kernel: blocked_kernel, weights: UnsafeMutablePointer<Float>, norm: StepNorm?)
        /// A copy with the source's pending operations applied, where the next kernel cannot fuse them.
        case copy
    }

    let work: Work
    var source: blocked_source
    var target: blocked_target
    /// Whether the source is the network's input: the planes of frame, prior and certainty.
    var readsInput: Bool
    /// Of a convolution: its sub-pixel kernel.
    let subpixel: SubpixelKernel?
    /// The instance normalisation of a convolution's output; nil for other steps.
    var norm: StepNorm? {
        guard case .convolution(_, _, let norm) = work else { return nil }
        return norm
    }
    /// Tensor ids: the input, the skip connection added to it, where the sum is stored, the output.
    let tensorIDs: (source: Int?, skip: Int?, materialized: Int?, target: Int)
}

/// The parameters of a convolution's instance normalisation, and the scale and shift that the next layer applies.
struct StepNorm {
    let gamma: UnsafeMutablePointer<Float>
    let beta: UnsafeMutablePointer<Float>
    let scale: UnsafeMutablePointer<Float>
    let shift: UnsafeMutablePointer<Float>
    let chunks: Int
}
