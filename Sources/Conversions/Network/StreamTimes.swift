/// The times of a stream's packets as a file needs them: none is missing, and none is before that of an earlier packet.
package struct StreamTimes {
    private var last: Int64?
    /// How long the last packet is shown.
    private var length: Int64 = 0
    /// Added to the times since the sender began to count anew.
    private var shift: Int64 = 0

    /// Nanoseconds of a leap that is a pause, and no other count: 20 s, or a second back.
    private static let pauses: ClosedRange<Int64> = -1_000_000_000...20_000_000_000
    /// Nanoseconds before which a picture need not be decoded, where a packet says only when it is shown.
    private static let longestLead: Int64 = 1_000_000_000

    package init() {}

    /// The times of the next packet, in nanoseconds.
    ///
    /// - Parameters:
    ///   - shown: nil if it is not known.
    ///   - decoded: nil if it is not known.
    ///   - arrival: of a clock, taken where both are nil.
    ///   - length: how long it is shown; 0 if that is not known.
    package mutating func next(
        shown: Int64?, decoded: Int64?, arrival: Int64, length: Int64
    ) -> (shown: Int64, decoded: Int64) {
        // Times of a damaged stream may be any number.
        let given = decoded ?? shown.map { $0 &- Self.longestLead } ?? arrival
        if let last, !Self.pauses.contains(given &+ shift &- last) { shift = last &+ self.length &- given }
        let time = max(given &+ shift, last ?? .min)
        last = time
        if length > 0 { self.length = length }
        return (max((shown ?? given) &+ shift, time), time)
    }
}
