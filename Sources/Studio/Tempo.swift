/// When beats and bars begin.
package struct BeatClock: Equatable, Sendable {
    /// 30 to 300.
    package let beatsPerMinute: Double
    /// Time in seconds at which a bar began.
    package let origin: Double

    package static let beatsPerBar = 4
    /// Beats a minute that there can be.
    package static let tempos = 30.0...300.0

    package init(beatsPerMinute: Double, origin: Double) {
        (self.beatsPerMinute, self.origin) = (beatsPerMinute, origin)
    }

    /// Seconds of a beat.
    package var period: Double { 60 / beatsPerMinute }

    /// A clock of another tempo, at the same place in the bar.
    func changed(to beatsPerMinute: Double, at time: Double) -> BeatClock {
        let beats = (time - origin) / period
        return BeatClock(beatsPerMinute: beatsPerMinute, origin: time - beats * 60 / beatsPerMinute)
    }

    /// When a change takes place.
    package enum Moment: String, CaseIterable, Sendable {
        case now, beat, bar
    }

    /// The next beginning of a beat or bar after `time`.
    package func next(_ moment: Moment, after time: Double) -> Double {
        let length =
            switch moment {
            case .now: 0.0
            case .beat: period
            case .bar: period * Double(Self.beatsPerBar)
            }
        guard length > 0 else { return time }
        let next = origin + ((time - origin) / length).rounded(.down) * length + length
        return next > time ? next : next + length
    }
}

/// The tempo that a person taps.
///
/// A line through the last taps, by least squares, gives beat and period: a single tap that is late counts little. The
/// first tap is the first beat of a bar.
package struct TapTempo: Sendable {
    /// Beats by number since the first tap, and their times.
    private var taps: [(beat: Int, time: Double)] = []

    /// Seconds between two taps: 300 to 30 beats a minute. A longer pause begins anew.
    private static let intervals = 0.2...2.0
    private static let mostTaps = 12

    package init() {}

    /// - Parameter time: in seconds, of any clock.
    /// - Returns: the tempo so far; nil after the first tap.
    package mutating func tap(at time: Double) -> BeatClock? {
        if let last = taps.last {
            let interval = time - last.time
            // The bounce of a key is no tap.
            if interval >= 0 && interval < Self.intervals.lowerBound { return clock }
            if !Self.intervals.contains(interval) { taps = [] }
        }
        taps.append((beat: (taps.last?.beat ?? -1) + 1, time: time))
        if taps.count > Self.mostTaps { taps.removeFirst() }
        return clock
    }

    private var clock: BeatClock? {
        guard taps.count > 1 else { return nil }
        let count = Double(taps.count)
        let meanBeat = taps.reduce(0) { $0 + Double($1.beat) } / count
        let meanTime = taps.reduce(0) { $0 + $1.time } / count
        let products = taps.reduce(0) { $0 + (Double($1.beat) - meanBeat) * ($1.time - meanTime) }
        let squares = taps.reduce(0) { $0 + (Double($1.beat) - meanBeat) * (Double($1.beat) - meanBeat) }
        let period = products / squares
        guard period > 0 else { return nil }
        return BeatClock(
            beatsPerMinute: min(max(60 / period, BeatClock.tempos.lowerBound), BeatClock.tempos.upperBound),
            origin: meanTime - meanBeat * period)
    }
}
