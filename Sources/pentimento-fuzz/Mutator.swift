import Support

/// Generates inputs from others by a few small mutations each.
struct Mutator {
    private static let maximumLength = 1 << 16
    /// Boundary values of lengths and offsets.
    private static let numbers: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ]
    private static let texts = [
        "9223372036854775807", "-9223372036854775808", "18446744073709551616", "-1", "0", "1e400", "nan", "inf", "0.0",
        "4294967295", "2147483648", "%d", "${", "}", "\"", "\\", "\u{0}", "é", "\u{1F600}", "[", "]", "{", ":", ",",
    ]

    private var random: SplitMix
    private let words: [[UInt8]]

    init(seed: UInt64, words: [String]) {
        random = SplitMix(seed: seed)
        self.words = (words + Self.texts).map { Array($0.utf8) }
    }

    /// A new input from one or two inputs of the corpus.
    mutating func input(from corpus: [[UInt8]]) -> [UInt8] {
        var bytes = corpus.randomElement(using: &random) ?? []
        if Int.random(in: 0..<8, using: &random) == 0, let other = corpus.randomElement(using: &random) {
            bytes = Array(bytes.prefix(randomOffset(in: bytes))) + other.dropFirst(randomOffset(in: other))
        }
        for _ in 0..<(1 << Int.random(in: 0...4, using: &random)) { change(&bytes) }
        if bytes.count > Self.maximumLength { bytes.removeLast(bytes.count - Self.maximumLength) }
        return bytes
    }

    /// A random position, mostly near the start, where headers are.
    private mutating func randomOffset(in bytes: [UInt8]) -> Int {
        let range = Bool.random(using: &random) ? bytes.count : min(bytes.count, 256)
        return Int.random(in: 0...range, using: &random)
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let at = randomOffset(in: bytes)
        switch Int.random(in: 0..<9, using: &random) {
        case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 1 where at < bytes.count: bytes[at] = .random(in: 0...255, using: &random)
        case 2: bytes.insert(.random(in: 0...255, using: &random), at: at)
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...16, using: &random)))
        case 4:
            let end = min(bytes.count, at + Int.random(in: 0...64, using: &random))
            bytes.insert(contentsOf: bytes[at..<end], at: randomOffset(in: bytes))
        case 5: overwriteNumber(&bytes, at: at)
        case 6: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: at)
        case 7: replace(&bytes, at: at)
        default: bytes.removeLast(min(bytes.count, Int.random(in: 0...64, using: &random)))
        }
    }

    private mutating func overwriteNumber(_ bytes: inout [UInt8], at offset: Int) {
        let width = [1, 2, 4, 8].randomElement(using: &random) ?? 1
        let number = Self.numbers.randomElement(using: &random) ?? 0
        let isBigEndian = Bool.random(using: &random)
        for index in 0..<width where offset + index < bytes.count {
            let shift = UInt64(8 * (isBigEndian ? width - 1 - index : index))
            bytes[offset + index] = UInt8(truncatingIfNeeded: number >> shift)
        }
    }

    /// Replaces a run of digits or a few bytes with a word.
    private mutating func replace(_ bytes: inout [UInt8], at offset: Int) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let start = bytes[offset...].firstIndex(where: digits.contains) ?? offset
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: words.randomElement(using: &random) ?? [])
    }
}
