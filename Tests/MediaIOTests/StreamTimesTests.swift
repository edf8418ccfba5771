import Conversions
import Testing

/// Times of streams as they come, in milliseconds.
@Suite struct StreamTimesTests {
    struct Case: Sendable {
        let name: String
        /// When pictures are shown; nil: the stream does not say.
        let shown: [Int64?]
        let decoded: [Int64?]
        /// When they are shown in the recording.
        let expected: [Int64]
    }

    private static let cases: [Case] = [
        Case(
            name: "another order", shown: [80, 200, 120, 160], decoded: [0, 40, 80, 120], expected: [80, 200, 120, 160]),
        Case(
            name: "the count begins anew", shown: [3_600_000, 3_600_040, 0, 40],
            decoded: [3_600_000, 3_600_040, 0, 40], expected: [3_600_000, 3_600_040, 3_600_080, 3_600_120]),
        Case(
            name: "the count goes on an hour ahead", shown: [0, 40, 3_600_000, 3_600_040],
            decoded: [0, 40, 3_600_000, 3_600_040], expected: [0, 40, 80, 120]),
        Case(name: "a pause", shown: [0, 40, 5000], decoded: [0, 40, 5000], expected: [0, 40, 5000]),
        Case(name: "one comes late", shown: [0, 40, 30, 80], decoded: [0, 40, 30, 80], expected: [0, 40, 40, 80]),
        Case(
            name: "no times of decoding", shown: [0, 120, 40, 80], decoded: [nil, nil, nil, nil],
            expected: [0, 120, 40, 80]),
        Case(name: "no times", shown: [nil, nil, nil], decoded: [nil, nil, nil], expected: [1000, 1010, 1020]),
    ]

    @Test func timesGoOn() {
        for item in Self.cases {
            var times = StreamTimes()
            var last = Int64.min
            var shown: [Int64] = []
            for (index, given) in zip(item.shown, item.decoded).enumerated() {
                let next = times.next(
                    shown: given.0.map { $0 * 1_000_000 }, decoded: given.1.map { $0 * 1_000_000 },
                    arrival: Int64(1000 + 10 * index) * 1_000_000, length: 40_000_000)
                #expect(next.decoded >= last && next.shown >= next.decoded, "\(item.name)")
                last = next.decoded
                shown.append(next.shown / 1_000_000)
            }
            #expect(shown == item.expected, "\(item.name)")
        }
    }

    /// Times of a damaged stream may be any number.
    @Test func timesThatAreNone() {
        var times = StreamTimes()
        for (shown, decoded) in [(Int64.max, Int64.min), (0, Int64.max), (Int64.min, 0), (Int64.min, Int64.min)] {
            let next = times.next(shown: shown, decoded: decoded, arrival: 0, length: .max)
            #expect(next.shown >= next.decoded)
        }
    }
}
