/// Text in the language of manual pages, man(7).
struct Roff {
    private(set) var text = ""

    /// A request or macro, such as `.SH`, with its arguments: headings, a date.
    mutating func macro(_ name: String, _ arguments: String...) {
        let quoted = arguments.map { "\"\($0.replacing("\\", with: "\\e").replacing("\"", with: "\"\""))\"" }
        text += ([".\(name)"] + quoted).joined(separator: " ") + "\n"
    }

    /// A line of running text that is already escaped.
    mutating func line(_ escaped: String) {
        // A full stop or an apostrophe would begin a request.
        text += (escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" : "") + escaped + "\n"
    }

    /// Paragraphs that are separated by empty lines; the first follows what is before it. In a paragraph whose lines are
    /// indented each line is a word and its explanation.
    mutating func paragraphs(_ plain: String) {
        for (number, paragraph) in plain.split(separator: "\n\n").enumerated() {
            let lines = paragraph.split(separator: "\n")
            let isList = lines.allSatisfy { $0.hasPrefix(" ") }
            if number > 0 && !isList { macro("PP") }
            for (number, line) in lines.enumerated() {
                if isList {
                    let words = line.split(separator: " ", maxSplits: 1).map { $0.drop { $0 == " " } }
                    item(Self.bold(String(words[0])), String(words.dropFirst().first ?? ""))
                } else {
                    if number > 0 { macro("br") }
                    self.line(Self.escaped(String(line)))
                }
            }
        }
    }

    /// An item of a list: its title, which is already escaped, and its text.
    mutating func item(_ title: String, _ plain: String) {
        macro("TP")
        line(title)
        paragraphs(plain)
    }

    static func bold(_ plain: String) -> String { "\\fB\(escaped(plain))\\fR" }

    static func italic(_ plain: String) -> String { "\\fI\(escaped(plain))\\fR" }

    /// Characters that roff reads as something else, or prints in a form that a shell does not take.
    static func escaped(_ plain: String) -> String {
        var result = ""
        for (character, next) in zip(plain, plain.dropFirst() + " ") {
            switch character {
            // A long list without spaces may be broken.
            case "," where next != " ": result += ",\\:"
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "\"": result += "\\(dq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            default: result.append(character)
            }
        }
        return result
    }
}
