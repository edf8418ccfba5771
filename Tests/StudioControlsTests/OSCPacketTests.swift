import StudioControls
import TestSupport
import Testing

/// Packets of Open Sound Control, good and damaged.
@Suite struct OSCPacketTests {
    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return bytes + Array(repeating: 0, count: 4 - bytes.count % 4)
    }

    private static func bundle(_ parts: [[UInt8]]) -> [UInt8] {
        text("#bundle") + [0, 0, 0, 0, 0, 0, 0, 1]
            + parts.flatMap { part in
                withUnsafeBytes(of: UInt32(part.count).bigEndian, Array.init) + part
            }
    }

    /// The first two are the examples of the specification.
    static let good: [(bytes: [UInt8], messages: [OSCMessage])] = [
        (
            [
                0x2f, 0x6f, 0x73, 0x63, 0x69, 0x6c, 0x6c, 0x61, 0x74, 0x6f, 0x72, 0x2f, 0x34, 0x2f, 0x66, 0x72, 0x65,
                0x71, 0x75, 0x65, 0x6e, 0x63, 0x79, 0x00, 0x2c, 0x66, 0x00, 0x00, 0x43, 0xdc, 0x00, 0x00,
            ], [OSCMessage("/oscillator/4/frequency", [.number(440)])]
        ),
        (
            [
                0x2f, 0x66, 0x6f, 0x6f, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x69, 0x69, 0x73, 0x66, 0x66, 0x00, 0x00, 0x00,
                0x00, 0x03, 0xe8, 0xff, 0xff, 0xff, 0xff, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x00, 0x00, 0x00, 0x3f, 0x9d,
                0xf3, 0xb6, 0x40, 0xb5, 0xb2, 0x2d,
            ],
            [
                OSCMessage(
                    "/foo",
                    [
                        .number(1000), .number(-1), .text("hello"), .number(Double(Float(1.234))),
                        .number(Double(Float(5.678))),
                    ])
            ]
        ),
        (text("/a"), [OSCMessage("/a")]),
        (text("/a") + text(","), [OSCMessage("/a")]),
        (
            text("/flags") + text(",TFNI[i]") + [0, 0, 0, 7],
            [OSCMessage("/flags", [.flag(true), .flag(false), .other, .other, .other, .number(7), .other])]
        ),
        (
            text("/b") + text(",bs") + [0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0] + text("größe"),
            [OSCMessage("/b", [.other, .text("größe")])]
        ),
        (
            text("/l") + text(",htd") + Array(repeating: 0xff, count: 8) + Array(repeating: 9, count: 8)
                + [0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
            [OSCMessage("/l", [.number(-1), .other, .number(1.5)])]
        ),
        (bundle([]), []),
        (
            bundle([text("/a"), bundle([text("/b"), text("/c")]), text("/d")]),
            ["/a", "/b", "/c", "/d"].map { OSCMessage($0) }
        ),
    ]

    @Test(arguments: good.indices) func goodPackets(index: Int) throws {
        #expect(try OSCPacket.messages(of: Self.good[index].bytes) == Self.good[index].messages)
    }

    @Test func wrongPacketsSayWhatIsWrong() {
        var deep = Self.text("/a")
        for _ in 0...OSCPacket.deepestBundle { deep = Self.bundle([deep]) }
        let wrong: [(bytes: [UInt8], word: String)] = [
            ([], "no end"), (Array("abc".utf8), "no end"), (Self.text("abc"), "begins with /"),
            (Self.text("/a") + Self.text("f"), "comma"), (Self.text("/a") + Self.text(",f"), "cut short"),
            (Self.text("/a") + Self.text(",q"), "type"), (Self.text("/a") + Self.text(",T") + [1, 2, 3, 4], "longer"),
            (Self.text("/a") + Self.text(",b") + [0xff, 0xff, 0xff, 0xff], "cut short"),
            ([0x2f, 0xff, 0xfe, 0], "UTF-8"), (deep, "too deep"),
            (Self.text("/a") + Self.text("," + String(repeating: "T", count: 65)), "too many arguments"),
            (Self.bundle(Array(repeating: Self.text("/a"), count: 1001)), "too many messages"),
            (Self.bundle([]) + [0xff, 0xff, 0xff, 0xff], "cut short"),
            (Array(repeating: 0x2f, count: 70_000), "more than"),
        ]
        for (bytes, word) in wrong {
            do {
                let messages = try OSCPacket.messages(of: bytes)
                Issue.record("\(word): \(messages)")
            } catch { #expect(error.description.contains(word), "\(error)") }
        }
    }

    /// Each packet cut at each byte, and changed at random.
    @Test func damagedPacketsDoNoHarm() {
        var generator = SeededGenerator(seed: 11)
        var count = 0
        for (bytes, _) in Self.good {
            for length in 0..<bytes.count where (try? OSCPacket.messages(of: Array(bytes[..<length]))) != nil {
                count += 1
            }
            for _ in 0..<20_000 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0 where !damaged.isEmpty:
                        damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                            in: 0...255, using: &generator)
                    case 1 where !damaged.isEmpty:
                        damaged.removeLast(Int.random(in: 1...damaged.count, using: &generator))
                    default:
                        damaged.insert(
                            UInt8.random(in: 0...255, using: &generator),
                            at: Int.random(in: 0...damaged.count, using: &generator))
                    }
                }
                _ = OSCReceiver.actions(of: damaged) { _ in }
            }
        }
        // A few prefixes are packets, too, such as an address without types.
        #expect(count < 40)
    }
}
