import GStreamerKit

/// Parses comma-separated values of a property.
enum TextList {
    /// The items of a list without surrounding spaces. A backslash escapes the next character, such as a comma or a
    /// space. An empty text is an empty list.
    ///
    /// - Throws: ``ElementError`` if an item is empty.
    static func parts(of text: String, property: String) throws -> [String] {
        if text.allSatisfy({ $0 == " " }) { return [] }
        var parts: [String] = []
        // The item's characters and how many remain when unescaped trailing spaces are removed.
        var item = (characters: [Character](), trimmedCount: 0)
        var isEscaped = false
        func finish() throws {
            let content = String(item.characters[..<item.trimmedCount])
            guard !content.isEmpty else {
                throw ElementError(
                    .settings, "\(property)=\"\(text)\" has an empty item, between two commas or at an end.",
                    remedy: "Separate values with single commas.")
            }
            parts.append(content)
            item = ([], 0)
        }
        for character in text {
            if isEscaped || (character != "\\" && character != "," && character != " ") {
                item.characters.append(character)
                item.trimmedCount = item.characters.count
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                try finish()
            } else if !item.characters.isEmpty {
                item.characters.append(character)
            }
        }
        if isEscaped {
            item.characters.append("\\")
            item.trimmedCount = item.characters.count
        }
        try finish()
        return parts
    }

    /// Parses whole numbers.
    ///
    /// - Throws: ``ElementError`` if a number is not in `range` or their count not in `counts`.
    static func integers(
        of text: String, property: String, counts: ClosedRange<Int>, range: ClosedRange<Int>
    ) throws -> [Int] {
        let parts = try parts(of: text, property: property)
        let numbers = parts.compactMap { Int($0) }.filter(range.contains)
        guard numbers.count == parts.count, counts.contains(parts.count) else {
            throw ElementError(
                .settings, "\(property)=\"\(text)\" is invalid.",
                remedy: "Write \(counts.lowerBound) or \(counts.upperBound) whole numbers from \(range.lowerBound) to "
                    + "\(range.upperBound), with a comma between them.")
        }
        return numbers
    }

    /// Parses numbers above 0.
    ///
    /// - Throws: ``ElementError`` for any other item.
    static func weights(of text: String, property: String) throws -> [Double] {
        try parts(of: text, property: property).map { part in
            guard let number = Double(part), number > 0, number.isFinite else {
                throw ElementError(
                    .settings, "\(property)=\"\(text)\": \"\(part)\" is not a weight.",
                    remedy: "Write numbers above 0, separated by commas, such as 2,1.")
            }
            return number
        }
    }
}
