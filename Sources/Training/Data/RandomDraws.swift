import Imaging
import Support

/// Distributions for training data: each draw is a fixed function of the stream.
extension SplitMix {
    /// Uniform in -limit..<limit.
    mutating func next(within limit: Double) -> Double { (2 * Double(nextUnit()) - 1) * limit }

    /// Uniform in low..<high.
    mutating func next(from low: Double, to high: Double) -> Double { low + Double(nextUnit()) * (high - low) }

    /// Uniform in 0..<count.
    mutating func next(below count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }

    mutating func chance(_ probability: Double) -> Bool { Double(nextUnit()) < probability }

    /// Approximately normal with mean 0 and deviation 1: the sum of four uniform 16-bit numbers from one draw.
    @inline(__always)
    mutating func nextNormal() -> Float {
        let bits = next()
        let sum = (bits & 0xFFFF) &+ (bits >> 16 & 0xFFFF) &+ (bits >> 32 & 0xFFFF) &+ (bits >> 48)
        return (Float(Int32(truncatingIfNeeded: sum)) * 0x1p-16 - (2 - 0x1p-15)) * 1.732_050_8
    }
}
