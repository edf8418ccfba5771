import Glibc

/// ReLU: max(x, 0). The derivative at 0 is taken as 0.
package struct ReferenceRectifier: ReferenceLayer {
    package init() {}

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        input.combined(with: input) { x, _ in max(x, 0) }
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        gradient.combined(with: input) { $1 > 0 ? $0 : 0 }
    }
}

/// s tanh(x).
package struct ReferenceTanh: ReferenceLayer {
    package let scale: Double

    package init(scale: Double) { self.scale = scale }

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        input.combined(with: input) { x, _ in scale * tanh(x) }
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        gradient.combined(with: input) { $0 * scale * (1 - tanh($1) * tanh($1)) }
    }
}
