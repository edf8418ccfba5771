/// A table of a page.
public struct Table: Equatable, Sendable {
    /// Above the table.
    public var title: String
    /// Headings; the first ones are those of the row's names.
    public var columns: [String]
    /// As many cells as there are columns.
    public var rows: [[String]]

    init(_ title: String, columns: [String], rows: [[String]]) {
        self.title = title
        self.columns = columns
        self.rows = rows
    }

    /// The table in Markdown, with its title in a line of its own.
    public var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let lines = [line(columns), "|" + columns.map { _ in "---|" }.joined()] + rows.map(line)
        return "**\(title)**\n\n" + lines.joined(separator: "\n")
    }

    /// A number with some significant digits, two as in the paper; `-` for none.
    package static func number(_ value: Double?, significant: Int = 2) -> String {
        guard let value, value.isFinite else { return "-" }
        guard value != 0 else { return "0" }
        var (digits, scaled) = (significant - 1, abs(value))
        while scaled < 1 && digits < 12 { (digits, scaled) = (digits + 1, scaled * 10) }
        while scaled >= 10 && digits > 0 { (digits, scaled) = (digits - 1, scaled / 10) }
        return decimal(value, digits)
    }

    /// A share in percent; `-` for none.
    static func percent(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        return "\(Int((100 * value).rounded())) %"
    }

    /// A number with a fixed number of digits after the point.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let whole = (abs(value) * scale).rounded()
        guard whole < 1e15 else { return "\(value)" }
        let text = String(Int(whole))
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        let sign = value < 0 && whole > 0 ? "-" : ""
        return digits == 0 ? sign + padded : sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }
}

/// An order that the paper's numbers have, and whether those measured here have it too.
public struct Claim: Equatable, Sendable {
    /// Such as `random start > previous frame`.
    public let statement: String
    /// Nil: not measured.
    public let holds: Bool?
    /// The measured numbers.
    public let evidence: String
    /// Why it may not hold, for the case that it does not; nil: not known.
    public let reason: String?

    /// Whether values fall from one to the next.
    ///
    /// - Parameters:
    ///   - statement: what is compared.
    ///   - values: largest first; nil: not measured.
    ///   - reason: why it may not hold.
    package static func falling(_ statement: String, _ values: [Double?], reason: String? = nil) -> Claim {
        let known = values.compactMap { $0 }
        let holds = known.count == values.count ? zip(known, known.dropFirst()).allSatisfy { $0 > $1 } : nil
        return Claim(
            statement: statement, holds: holds,
            evidence: values.map { Table.number($0, significant: 3) }.joined(separator: " > "), reason: reason)
    }
}
