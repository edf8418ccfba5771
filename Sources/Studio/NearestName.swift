/// The name with the fewest letters to insert, remove or replace; nil if there are none.
func nearestName(to name: String, in names: [String]) -> String? {
    let letters = Array(name.lowercased().unicodeScalars.prefix(64))
    return names.map { (name: $0, distance: distance(letters, Array($0.lowercased().unicodeScalars.prefix(64)))) }
        .min { $0.distance < $1.distance }?.name
}

/// Levenshtein's distance.
private func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
    var row = Array(0...other.count)
    for (i, letter) in one.enumerated() {
        var corner = row[0]
        row[0] = i + 1
        for (j, otherLetter) in other.enumerated() {
            let replaced = corner + (letter == otherLetter ? 0 : 1)
            corner = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, corner + 1)
        }
    }
    return row[other.count]
}

/// A text for an error line: at most 40 characters, without control characters.
func shown(_ text: String) -> String {
    let clean = String(
        text.unicodeScalars.prefix(40).map {
            $0.properties.isDefaultIgnorableCodePoint || $0.value < 0x20 ? "?" : Character($0)
        })
    return "\"\(clean)\(text.unicodeScalars.count > 40 ? "…" : "")\""
}
