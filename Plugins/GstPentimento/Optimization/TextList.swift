import GStreamerKit

/// Values that a user writes into one property, separated by commas.
enum TextList {
    /// The parts of a list, spaces around them left out. A backslash takes the character after it as it is, a comma or a
    /// space too; an empty text is an empty list.
    ///
    /// - Throws: ``ElementError`` for a part that is empty.
    static func parts(of text: String, property: String) throws -> [String] {
        if text.allSatisfy({ $0 == " " }) { return [] }
        var parts: [String] = []
        // The part's characters, and how many of them a space at its end may not take away.
        var part = (characters: [Character](), solid: 0)
        var isEscaped = false
        func finish() throws {
            let content = String(part.characters[..<part.solid])
            guard !content.isEmpty else {
                throw ElementError(
                    .settings, "\(property)=\"\(text)\" has nothing between two commas or at an end.",
                    remedy: "Write values with a comma between each two.")
            }
            parts.append(content)
            part = ([], 0)
        }
        for character in text {
            if isEscaped || (character != "\\" && character != "," && character != " ") {
                part.characters.append(character)
                part.solid = part.characters.count
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                try finish()
            } else if !part.characters.isEmpty {
                part.characters.append(character)
            }
        }
        if isEscaped {
            part.characters.append("\\")
            part.solid = part.characters.count
        }
        try finish()
        return parts
    }

    /// Whole numbers within `range`, as many as `counts` allows.
    static func integers(
        of text: String, property: String, counts: ClosedRange<Int>, range: ClosedRange<Int>
    ) throws -> [Int] {
        let parts = try parts(of: text, property: property)
        let numbers = parts.compactMap { Int($0) }.filter(range.contains)
        guard numbers.count == parts.count, counts.contains(parts.count) else {
            throw ElementError(
                .settings, "\(property)=\"\(text)\" is not what it can be.",
                remedy: "Write \(counts.lowerBound) or \(counts.upperBound) whole numbers from \(range.lowerBound) to "
                    + "\(range.upperBound), with a comma between them.")
        }
        return numbers
    }

    /// Numbers above zero.
    static func weights(of text: String, property: String) throws -> [Double] {
        try parts(of: text, property: property).map { part in
            guard let number = Double(part), number > 0, number.isFinite else {
                throw ElementError(
                    .settings, "\(property)=\"\(text)\": \"\(part)\" is no weight.",
                    remedy: "Write numbers above 0 with a comma between each two, such as 2,1.")
            }
            return number
        }
    }
}
