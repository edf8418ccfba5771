/// A number of frames per second: `25`, `29.97`, or a fraction such as `30000/1001`.
package struct FrameRate: Equatable {
    private let numerator: Int
    private let denominator: Int
    /// As a fraction.
    package var text: String { "\(numerator)/\(denominator)" }

    /// Nil if the text is no such number, or more than a million.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let most = 1_000_000
        if parts.count == 2 {
            guard let numerator = Int(parts[0]), let denominator = Int(parts[1]), (1...most).contains(numerator),
                (1...most).contains(denominator)
            else { return nil }
            (self.numerator, self.denominator) = (numerator, denominator)
        } else if let whole = Int(text) {
            guard (1...most).contains(whole) else { return nil }
            (numerator, denominator) = (whole, 1)
        } else {
            guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(text),
                value > 0.001,
                value <= 1000
            else { return nil }
            // The rates of television in America are meant by two or three decimals.
            let nominal = value.rounded(.up)
            let isTelevision = [24, 30, 48, 60, 120].contains(nominal) && abs(value - nominal / 1.001) < 0.005
            (numerator, denominator) =
                isTelevision ? (Int(nominal) * 1000, 1001) : (Int((value * 1000).rounded()), 1000)
        }
    }
}
