import ModelFiles
import Support

extension Model {
    /// The bytes of a model file with reproducible pseudo-random weights, for tests and benchmarks. They come from a
    /// linear congruential generator and are scaled so that activations neither vanish nor overflow.
    ///
    /// Value i of a tensor is `((s >> 8) mod 2001 / 1000 - 1) * scale + offset` where s is `state_i`, with `state_0 =
    /// seed + index of the tensor`, `state_(i+1) = state_i * 1664525 + 1013904223 mod 2^32` applied before each value.
    /// Scale and offset: for a weight `sqrt(3 / (inputs * kernel * kernel))` and 0; for a bias 0.1 and 0; for a norm's
    /// scale 0.25 and 1; for its shift 0.25 and 0.
    ///
    /// - Throws: an error if the architecture is inconsistent.
    package static func formulaBytes(_ description: ModelDescription, seed: UInt32 = 1) throws(ModelError) -> [UInt8] {
        let tensors = try tensorShapes(of: description).enumerated().map { index, entry in
            let count = entry.shape.reduce(1, *)
            var scale: Float = 0.25
            var offset: Float = 0
            if entry.name.hasSuffix(".weight") {
                scale = (3 / Float(count / entry.shape[0])).squareRoot()
            } else if entry.name.hasSuffix(".bias") {
                scale = 0.1
            } else if entry.name.hasSuffix(".scale") {
                offset = 1
            }
            var state = seed &+ UInt32(index)
            let values = (0..<count).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return (Float((state >> 8) % 2001) / 1000 - 1) * scale + offset
            }
            return (name: entry.name, tensor: SafeTensors.Tensor(shape: entry.shape, values: values))
        }
        return SafeTensors.encode(tensors, metadata: description.metadata)
    }

    /// Writes the model file of ``formulaBytes(_:seed:)``.
    ///
    /// - Throws: an error with the path and the cause.
    package static func writeFormulaModel(
        _ description: ModelDescription, seed: UInt32 = 1, to path: String
    ) throws(ModelError) {
        let bytes = try formulaBytes(description, seed: seed)
        do { try Files.write(bytes, to: path) } catch { throw ModelError("\(error)") }
    }
}
