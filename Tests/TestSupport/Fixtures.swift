import CKernels
import Imaging
import Support

extension TestData {
    /// The 32-bit floats of a fixture file.
    public static func floats(_ name: String, of target: String) throws -> [Float] {
        let bytes = try Files.read(fixture(name, of: target))
        return bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
    }

    /// A fixture of planar floats as an image.
    public static func image(_ name: String, of target: String, width: Int, height: Int, channels: Int = 3) throws
        -> Image
    {
        let samples = try floats(name, of: target)
        guard samples.count == width * height * channels else {
            throw FileError(path: name, reason: "holds \(samples.count) values, not \(channels) x \(height) x \(width)")
        }
        return Image(width: width, height: height, channels: channels, samples: samples)
    }
}

/// The results of `body` with each instruction set that the processor supports, the portable one first.
public func withEachVariant<Result>(_ body: () throws -> Result) rethrows -> [Result] {
    defer { kernel_set_variant(-1) }
    return try (0...2).compactMap { variant in
        kernel_set_variant(Int32(variant))
        return kernel_current_variant().rawValue == variant ? try body() : nil
    }
}

/// The maximum absolute difference of two lists; infinite if their lengths differ.
public func largestDifference(_ first: [Float], _ second: [Float]) -> Float {
    guard first.count == second.count else { return .infinity }
    return zip(first, second).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        return difference <= largest ? largest : difference.isNaN ? .infinity : difference
    }
}

/// A reproducible random number generator (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
