/// A residual block: the output of some layers plus the centre crop of the input to the same size.
package struct PlainResidual: PlainLayer {
    package var inner: PlainSequence

    package init(_ inner: PlainSequence) { self.inner = inner }

    package var parameters: [[Double]] {
        get { inner.parameters }
        set { inner.parameters = newValue }
    }

    package func forward(_ input: PlainTensor) -> PlainTensor {
        var output = inner.forward(input)
        output += PlainCrop(height: output.height, width: output.width).forward(input)
        return output
    }

    package func backward(_ gradient: PlainTensor, input: PlainTensor) -> PlainTensor {
        var result = inner.backward(gradient, input: input)
        result += PlainCrop(height: gradient.height, width: gradient.width).backward(gradient, input: input)
        return result
    }

    package func parameterGradients(_ gradient: PlainTensor, input: PlainTensor) -> [[Double]] {
        inner.parameterGradients(gradient, input: input)
    }
}
