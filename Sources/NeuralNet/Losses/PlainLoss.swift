/// The reference implementation of a loss, in double precision, which the fast one is tested against.
package protocol PlainLoss: Sendable {
    /// L(x), for activations or for an image x.
    func value(_ input: PlainTensor) -> Double
    /// dL/dx.
    func gradient(_ input: PlainTensor) -> PlainTensor
}
