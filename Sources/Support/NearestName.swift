/// The name with the fewest letters to insert, remove or replace, whatever their case; nil if there are no names. Of
/// several, the first one. The first 64 letters count.
///
/// - Parameter isGuess: whether the name has to be near: with at most two such letters, or half as many as it has.
package func nearestName(to name: String, in names: [String], isGuess: Bool = false) -> String? {
    func letters(_ name: String) -> [Unicode.Scalar] { Array(name.lowercased().unicodeScalars.prefix(64)) }
    let wanted = letters(name)
    let ranked = names.map { (name: $0, distance: distance(wanted, letters($0))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return !isGuess || best.distance <= max(2, best.name.count / 2) ? best.name : nil
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
