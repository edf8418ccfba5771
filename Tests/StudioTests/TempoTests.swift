import Studio
import Testing

@Suite struct TempoTests {
    private static let taps: [([Double], Double?)] = [
        ([0], nil), ([0, 0.5], 120), ([0, 0.5, 1, 1.5], 120), ([0, 0.6, 1.2], 100),
        // A late tap among many counts little.
        ([0, 0.5, 1, 1.5, 2.05, 2.5, 3, 3.5], 120),
        // A pause begins anew, and the bounce of a key does not.
        ([0, 0.5, 10, 10.4], 150), ([0, 0.02, 0.5, 0.52, 1], 120), ([0, 3], nil), ([0, 2], 30), ([0, 0.25], 240),
    ]

    @Test(arguments: taps)
    func tapsMakeATempo(_ taps: [Double], _ expected: Double?) throws {
        var tempo = TapTempo()
        var clock: BeatClock?
        for tap in taps { clock = tempo.tap(at: 7 + tap) }
        guard let expected else {
            #expect(clock == nil)
            return
        }
        #expect(abs(try #require(clock).beatsPerMinute - expected) < expected / 100)
    }

    /// The first tap begins a bar of four beats.
    @Test func barsBeginWithTheFirstTap() throws {
        var tempo = TapTempo()
        var clock: BeatClock?
        for beat in 0..<20 { clock = tempo.tap(at: 3 + 0.5 * Double(beat)) }
        let taps = try #require(clock)
        let times: [(Double, Double, Double)] = [(3.1, 3.5, 5), (4.9, 5, 5), (5.01, 5.5, 7), (102.7, 103, 103)]
        for (time, beat, bar) in times {
            #expect(abs(taps.next(.beat, after: time) - beat) < 1e-9, "\(time)")
            #expect(abs(taps.next(.bar, after: time) - bar) < 1e-9, "\(time)")
            #expect(taps.next(.now, after: time) == time)
        }
        // Always later, also at the beat itself.
        let clean = BeatClock(beatsPerMinute: 120, origin: 0)
        #expect(clean.next(.beat, after: 1) == 1.5)
        #expect(clean.next(.bar, after: -0.1) == 0)
    }
}
