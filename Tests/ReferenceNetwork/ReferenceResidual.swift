/// A residual block: the output of some layers plus the centre crop of the input to the same size.
package struct ReferenceResidual: ReferenceLayer {
    package var inner: ReferenceSequence

    package init(_ inner: ReferenceSequence) { self.inner = inner }

    package var parameters: [[Double]] {
        get { inner.parameters }
        set { inner.parameters = newValue }
    }

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        var output = inner.forward(input)
        output += ReferenceCrop(height: output.height, width: output.width).forward(input)
        return output
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        var result = inner.backward(gradient, input: input)
        result += ReferenceCrop(height: gradient.height, width: gradient.width).backward(gradient, input: input)
        return result
    }

    package func parameterGradients(_ gradient: ReferenceTensor, input: ReferenceTensor) -> [[Double]] {
        inner.parameterGradients(gradient, input: input)
    }
}
