import CKernels

/// One step of a planned network.
struct Step {
    enum Work {
        /// A convolution, and the normalisation of what it gives.
        case convolution(kernel: blocked_kernel, weights: UnsafeMutablePointer<Float>, norm: StepNorm?)
        /// A copy of the source as it enters, where a kernel cannot take it as it is.
        case copy
    }

    let work: Work
    var source: blocked_source
    var target: blocked_target
    /// What takes the first step's planes: the frame, the prior, the certainty.
    var readsInput: Bool
    /// Of a convolution: its kernel before it was reordered.
    let spread: SpreadKernel?
    /// The tensors that it touches, by their numbers: what it reads, what it adds to that, where the sum is kept, what it writes.
    let wires: (source: Int?, skip: Int?, kept: Int?, target: Int)
}

/// Where a convolution's normalisation finds its parameters and leaves what the next layer applies.
struct StepNorm {
    let gamma: UnsafeMutablePointer<Float>
    let beta: UnsafeMutablePointer<Float>
    let scale: UnsafeMutablePointer<Float>
    let shift: UnsafeMutablePointer<Float>
    let chunks: Int
}
