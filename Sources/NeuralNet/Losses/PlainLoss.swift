/// A loss as its definition says, in double precision: the specification of the fast one beside it.
package protocol PlainLoss: Sendable {
    /// L(x), for activations or for an image x.
    func value(_ input: PlainTensor) -> Double
    /// dL/dx.
    func gradient(_ input: PlainTensor) -> PlainTensor
}
