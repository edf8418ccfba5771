import Support
import Testing

@Suite struct MemoryLimitTests {
    @Test(arguments: [
        ("1", 1), ("800", 800), ("1K", 1024), ("800M", 800 << 20), ("3g", 3 << 30), ("2T", 2 << 40),
        ("+5k", 5 << 10), ("9223372036854775807", Int.max), ("9223372036854775807K", Int.max), ("8388608T", Int.max),
    ])
    func numbers(text: String, bytes: Int) { #expect(MemoryLimit.parse(text) == bytes) }

    @Test(arguments: [
        "", "K", "0", "0G", "-1", "-3M", "1.5G", "1 G", "G1", "1GB", "1KK", "0x10", "９", "9223372036854775808", "ten",
        "∞",
    ])
    func whatIsNone(text: String) { #expect(MemoryLimit.parse(text) == nil) }

    @Test func invalidLimitsAreIgnored() {
        #expect(MemoryLimit.limit(setting: "12M") == 12 << 20)
        let unsaid = MemoryLimit.limit(setting: nil)
        #expect(unsaid > 0)
        #expect(MemoryLimit.limit(setting: "much") == unsaid && MemoryLimit.limit(setting: "0") == unsaid)
    }

    @Test func addressSpaceCountsToo() {
        #expect(MemoryLimit.limit(setting: nil, mappable: 4096) == 3072)
        #expect(MemoryLimit.limit(setting: nil, mappable: 0) == 0)
        #expect(MemoryLimit.limit(setting: "12M", mappable: 4096) == 12 << 20)
        #expect(MemoryLimit.limit(setting: nil, mappable: .max) == MemoryLimit.limit(setting: nil, mappable: nil))
    }

    @Test(arguments: [
        (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KB"), (1536, "1.5 KB"), (20 << 10, "20.0 KB"),
        (1 << 20, "1.0 MB"), (9 << 20 | 1 << 19, "9.5 MB"), (300 << 20, "300 MB"), (18 << 30 | 1 << 29, "18.5 GB"),
        (1 << 40, "1024 GB"),
    ])
    func bytesAsText(bytes: Int, text: String) { #expect(byteText(bytes) == text) }

    @Test func anyNumberHasAText() { #expect(byteText(.max).hasSuffix(" GB")) }
}
