/// Vigna's SplitMix64: a small random number generator that accepts any seed.
package struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64
    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    package init(seed: UInt64) { state = seed }

    /// The stream of `seed` without its first `count` values.
    package init(seed: UInt64, skipping count: Int) {
        state = seed &+ UInt64(bitPattern: Int64(count)) &* Self.increment
    }

    /// An independent stream for each list of numbers, such as step and sample.
    package init(seed: UInt64, _ numbers: Int...) {
        state = seed
        for number in numbers { state = next() ^ UInt64(bitPattern: Int64(number)) }
    }

    package mutating func next() -> UInt64 {
        state &+= Self.increment
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in 0..<1.
    package mutating func nextUnit() -> Float { Float(next() >> 40) * 0x1p-24 }
}
