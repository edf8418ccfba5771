import ArgumentParser

/// A duration such as `90s`, `30m`, `1h30m` or `2h`; 0 needs no unit.
struct TimeSpan: ExpressibleByArgument, Equatable {
    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        if argument == "0" {
            seconds = 0
            return
        }
        var total = 0.0
        var digits = ""
        // Each unit at most once, larger units first.
        var units: [(letter: Character, seconds: Double)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        for character in argument {
            guard let index = units.firstIndex(where: { $0.letter == character }) else {
                digits.append(character)
                continue
            }
            // Double(_:) would also accept signs, exponents, "inf" and "nan".
            guard let value = Double(digits), digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else {
                return nil
            }
            total += value * units[index].seconds
            units.removeFirst(index + 1)
            digits = ""
        }
        guard digits.isEmpty, total > 0, total <= 365 * 86400 else { return nil }
        seconds = total
    }

    var defaultValueDescription: String {
        seconds >= 60 ? "\(Int(seconds / 60))m" : seconds > 0 ? "\(Int(seconds))s" : "0"
    }
}
