/// What `--experimental-dump-help` of swift-argument-parser says about a command. Only what the manual needs.
struct CommandHelp: Decodable {
    let commandName: String
    let abstract: String?
    /// Paragraphs, separated by empty lines.
    let discussion: String?
    /// The commands that this one belongs to, the program first.
    let superCommands: [String]?
    let subcommands: [CommandHelp]?
    let arguments: [ArgumentHelp]?
    let shouldDisplay: Bool

    /// The words that call the command: the program, its command, and so on.
    var words: [String] { (superCommands ?? []) + [commandName] }

    /// Those to be shown. The parser adds `help` by itself; each page says what it would.
    var shownSubcommands: [CommandHelp] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }

    var shownArguments: [ArgumentHelp] { (arguments ?? []).filter(\.shouldDisplay) }

    /// This command and all below it that have pages.
    var all: [CommandHelp] { [self] + shownSubcommands.flatMap(\.all) }
}

/// A positional argument, an option with a value, or a flag.
struct ArgumentHelp: Decodable {
    enum Kind: String, Decodable {
        case positional, option, flag
    }

    struct Name: Decodable {
        enum Kind: String, Decodable {
            case long, short, longWithSingleDash
        }

        let kind: Kind
        let name: String

        /// As it is typed, such as `--output`.
        var typed: String { (kind == .long ? "--" : "-") + name }
    }

    let kind: Kind
    let abstract: String?
    /// For values that are explained: a line `VALUE - explanation` for each.
    let discussion: String?
    let names: [Name]?
    let preferredName: Name?
    let valueName: String?
    let allValues: [String]?
    let defaultValue: String?
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool
    /// The heading in the help, if the argument does not belong to the usual ones.
    let sectionTitle: String?
}

/// The whole of `--experimental-dump-help`.
struct ProgramHelp: Decodable {
    /// The version of the format that these structures describe.
    static let knownVersion = 0

    let serializationVersion: Int
    let command: CommandHelp
}
