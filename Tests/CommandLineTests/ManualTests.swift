import Foundation
import TestSupport
import Testing

/// The manual pages and completions that `Scripts/manual` makes, of every command that the help lists.
@Suite struct ManualTests {
    private let workshop: Workshop
    /// Laid out as the share folder of an installation.
    private var share: String { workshop.folder }

    init() throws {
        workshop = try Workshop()
        let programs = (Program.pentimento as NSString).deletingLastPathComponent
        let outcome = try Program.run("\(TestData.repository)/Scripts/manual", [programs, workshop.folder])
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    /// Each command has a page, without warnings, that has all options of its help.
    @Test func everyCommandHasAPage() throws {
        let pages = try FileManager.default.contentsOfDirectory(atPath: "\(share)/man/man1")
        let commands = try Self.commands()
        #expect(Set(pages) == Set(commands.map { "\(Self.page($0)).1" }))
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") else {
            try TestData.skip("groff is missing; apt install groff-base")
        }
        for command in commands {
            let page = "\(share)/man/man1/\(Self.page(command)).1"
            let outcome = try Program.run("/usr/bin/groff", ["-man", "-k", "-ww", "-Tutf8", "-P-c", page])
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(page): \(outcome.errors)")
            // Without overstriking, which marks bold and italic letters.
            let text = outcome.output.replacing(/.\u{8}/, with: "")
            for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO"] {
                #expect(text.contains("\n\(heading)\n"), "\(page): \(heading)")
            }
            #expect(text.contains("\(Self.page(command)) - "), "\(page)")
            for option in try Self.help(command).matches(of: /(?m)^  (?:-[a-z], )?(--[a-z0-9-]+)/) {
                #expect(text.contains(String(option.output.1)), "\(page): \(option.output.1)")
            }
        }
    }

    /// mandoc, which reads pages by other rules, finds no mistake in them.
    @Test func pagesAreValidForMandoc() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/mandoc") else {
            try TestData.skip("mandoc is missing; apt install mandoc")
        }
        let folder = "\(share)/man/man1"
        for page in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let outcome = try Program.run("/usr/bin/mandoc", ["-T", "lint", "-W", "warning", "\(folder)/\(page)"])
            #expect(outcome.status == 0, "\(page): \(outcome.output)")
        }
    }

    /// Each shell reads its completions without an error.
    @Test(arguments: [
        ("bash", "bash-completion/completions/pentimento"), ("zsh", "zsh/site-functions/_pentimento"),
        ("fish", "fish/vendor_completions.d/pentimento.fish"),
    ]) func completionsParse(shell: String, file: String) throws {
        let path = "\(share)/\(file)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for command in try Self.commands() { #expect(command.allSatisfy { text.contains($0) }, "\(shell): \(command)") }
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/\(shell)") else {
            try TestData.skip("\(shell) is missing; apt install \(shell)")
        }
        let outcome = try Program.run("/usr/bin/\(shell)", ["-n", path])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    }

    /// What bash proposes for the last word.
    @Test(arguments: [
        (["sty"], ["stylize"]), (["models", "imp"], ["import"]),
        (["stylize", "clip.mp4", "--container", "y"], ["y4m"]), (["doctor", "--he"], ["--help"]),
    ]) func bashCompletes(words: [String], proposed: [String]) throws {
        let script = """
            . "$0"
            COMP_WORDS=(pentimento "$@") COMP_CWORD=$# COMP_LINE="pentimento $*"
            COMP_POINT=${#COMP_LINE}
            _pentimento pentimento "${@: -1}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let file = "\(share)/bash-completion/completions/pentimento"
        let outcome = try Program.run("/bin/bash", ["-c", script, file] + words)
        let replies = outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(replies == proposed, "\(outcome.errors)")
    }

    // MARK: The commands

    private static func page(_ command: [String]) -> String { (["pentimento"] + command).joined(separator: "-") }

    private static func help(_ command: [String]) throws -> String {
        try Program.run(Program.pentimento, command + ["--help"]).output
    }

    /// Each command by its words, from the lists in the help of those above it; the program has none.
    private static func commands(below words: [String] = []) throws -> [[String]] {
        let list = try help(words).split(separator: "SUBCOMMANDS:\n").dropFirst().first ?? ""
        return [words]
            + (try list.matches(of: /(?m)^  ([a-z][a-z0-9-]*)\s/).flatMap {
                try commands(below: words + [String($0.output.1)])
            })
    }
}
