/// The manual page of a command.
struct ManualPage {
    let command: CommandHelp
    let version: String
    /// Year, month and day, such as 2026-11-30.
    let date: String

    private var name: String { command.words.joined(separator: "-") }

    /// Name of the page's file.
    var file: String { name + ".1" }

    /// The page in the language of man(7).
    var text: String {
        var page = Roff()
        page.macro("TH", name.uppercased(), "1", date, "\(command.words[0]) \(version)", "User Commands")
        // Words such as long options do not fit into lines of equal length.
        // Newer groffs take the string, since their headings undo the request.
        page.macro("ad l")
        page.macro("ds AD l")
        page.macro("SH", "NAME")
        page.line("\(Roff.escaped(name)) \\- \(Roff.escaped(Self.phrase(command.abstract ?? command.commandName)))")
        page.macro("SH", "SYNOPSIS")
        page.line(synopsis)
        describe(in: &page)
        listCommands(in: &page)
        listArguments(in: &page)
        Self.listStatus(in: &page)
        listRelatives(in: &page)
        return page.text
    }

    /// A sentence as what follows the name in the list of all pages: no capital, no full stop.
    private static func phrase(_ sentence: String) -> String {
        var phrase = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
        // Not what is written in capitals.
        if phrase.dropFirst().first?.isLowercase == true { phrase = phrase.prefix(1).lowercased() + phrase.dropFirst() }
        return phrase
    }

    private var synopsis: String {
        var words = [Roff.bold(command.words.joined(separator: " "))]
        if !command.shownSubcommands.isEmpty { words.append(Roff.italic("command")) }
        let arguments = command.shownArguments
        if arguments.contains(where: { $0.kind != .positional && $0.isOptional }) {
            words.append("[\(Roff.italic("options"))]")
        }
        words += arguments.filter { $0.kind == .positional }.map(\.typed)
        words += arguments.filter { $0.kind != .positional && !$0.isOptional }.map(\.typed)
        return words.joined(separator: " ")
    }

    private func describe(in page: inout Roff) {
        let paragraphs = [command.abstract, command.discussion].compactMap(\.self).filter { !$0.isEmpty }
        guard !paragraphs.isEmpty else { return }
        page.macro("SH", "DESCRIPTION")
        page.paragraphs(paragraphs.joined(separator: "\n\n"))
    }

    private func listCommands(in page: inout Roff) {
        guard !command.shownSubcommands.isEmpty else { return }
        page.macro("SH", "COMMANDS")
        for subcommand in command.shownSubcommands {
            page.item(Roff.bold(subcommand.commandName), subcommand.abstract ?? "")
        }
    }

    private func listArguments(in page: inout Roff) {
        let positional = command.shownArguments.filter { $0.kind == .positional }
        if !positional.isEmpty {
            page.macro("SH", "ARGUMENTS")
            for argument in positional { argument.describe(in: &page) }
        }
        let named = command.shownArguments.filter { $0.kind != .positional }
        guard !named.isEmpty else { return }
        page.macro("SH", "OPTIONS")
        for argument in named where argument.sectionTitle == nil { argument.describe(in: &page) }
        var titles: [String] = []
        for title in named.compactMap(\.sectionTitle) where !titles.contains(title) { titles.append(title) }
        for title in titles {
            page.macro("SS", title)
            for argument in named where argument.sectionTitle == title { argument.describe(in: &page) }
        }
    }

    /// The same for all commands; the help has nothing on it.
    private static func listStatus(in page: inout Roff) {
        page.macro("SH", "EXIT STATUS")
        for (status, meaning) in [
            ("0", "Success."), ("1", "The work failed; a line on standard error says why."),
            ("2", "The arguments are wrong."), ("128+n", "Ended by signal number n."),
        ] {
            page.item(Roff.bold(status), meaning)
        }
    }

    private func listRelatives(in page: inout Roff) {
        let parents = command.words.indices.dropFirst().map { command.words[..<$0].joined(separator: "-") }
        let names = parents + command.shownSubcommands.map { $0.words.joined(separator: "-") } + ["gst-launch-1.0"]
        page.macro("SH", "SEE ALSO")
        page.line(names.map { "\(Roff.bold($0))(1)" }.joined(separator: ", "))
    }
}

extension ArgumentHelp {
    /// As it is typed in the shortest call, escaped: `--output output`, `input ...`.
    fileprivate var typed: String {
        let value = Roff.italic(valueName ?? "value")
        switch kind {
        case .positional:
            let values = isRepeating ? "\(value) ..." : value
            return isOptional ? "[\(values)]" : values
        case .option: return preferredName.map { "\(Roff.bold($0.typed)) \(value)" } ?? value
        case .flag: return preferredName.map { Roff.bold($0.typed) } ?? value
        }
    }

    /// An entry of the list of arguments: names, text, values, default.
    fileprivate func describe(in page: inout Roff) {
        // Short names first, as is usual.
        let all = names ?? []
        let sorted = all.filter { $0.kind == .short } + all.filter { $0.kind != .short }
        let value = kind == .flag ? [] : [Roff.italic(valueName ?? "value")]
        page.item(
            ([sorted.map { Roff.bold($0.typed) }.joined(separator: ", ")] + value).filter { !$0.isEmpty }
                .joined(separator: " "),
            ([abstract ?? ""] + facts).filter { !$0.isEmpty }.joined(separator: " "))
        guard !explainedValues.isEmpty else { return }
        page.macro("RS")
        for (value, meaning) in explainedValues { page.item(Roff.bold(value), meaning) }
        page.macro("RE")
    }

    private var facts: [String] {
        var facts: [String] = []
        if let allValues, explainedValues.isEmpty { facts.append("Values: \(allValues.joined(separator: ", ")).") }
        if let defaultValue { facts.append("Default: \(defaultValue).") }
        if kind == .option && isRepeating { facts.append("May be given several times.") }
        return facts
    }

    private var explainedValues: [(value: String, meaning: String)] {
        (discussion ?? "").split(separator: "\n").compactMap { line in
            guard let dash = line.firstRange(of: " - ") else { return nil }
            let (value, meaning) = (line[..<dash.lowerBound], line[dash.upperBound...])
            return (String(value), "\(meaning).")
        }
    }
}
