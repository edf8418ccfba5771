import ArgumentParser
import Evaluation
import GstPentimento
import MediaIO
import NeuralNet
import Reproduction
import Style
import Support

struct ReproduceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reproduce",
        abstract: "Makes the tables of the paper anew, on Sintel's scenes and any paintings.",
        discussion: """
            Writes a page, README.md, with the tables made here and the paper's own beside them, and pictures. Finished runs are \
            kept in the folder: the same command goes on after an interruption, and more tables, scenes or paintings only add \
            what is missing. A run is made again, and its line says why, if its inputs, its settings or the program's results \
            have changed.

            Tables: \(Reproduction.names.joined(separator: ", ")), or all.
            """)

    @Argument(help: "Names of tables, or all.")
    var tables: [String]

    @Option(name: .shortAndLong, help: "Folder for the page, its pictures and the results.")
    var output: String

    @OptionGroup(title: "Inputs") var inputs: ReproduceOptions
    @OptionGroup(title: "How much") var amount: ReproductionAmount

    @Option(Stylize.threads) var threads

    func validate() throws {
        let unknown = tables.filter { $0 != "all" && !Reproduction.names.contains($0) }
        guard unknown.isEmpty else {
            throw ValidationError(
                "there is no table \(unknown[0]); there are \(Reproduction.names.joined(separator: ", ")), and all")
        }
    }

    func run() throws {
        startGStreamer()
        let names = tables.contains("all") ? Reproduction.names : tables
        let input = try inputs.input(budget: amount.budget, threads: threads.value)
        let reproduction = try Reproduction(names, input: input)
        let store = try JobStore(output)
        let display = ReproductionDisplay()
        let page = try Interrupt.guarding {
            do {
                return try reproduction.run(in: store, command: commandLine) { display.show($0) }
            } catch {
                guard Interrupt.received != nil else { throw error }
                throw MediaError("interrupted; finished runs are in \(output): the same command goes on from there")
            }
        }
        Terminal.write(page, to: .output)
    }

    /// The command for the page.
    private var commandLine: String {
        "pentimento " + CommandLine.arguments.dropFirst().map(Self.quoted).joined(separator: " ")
    }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./,:=%+@".contains($0) }
        return isPlain && !argument.isEmpty
            ? argument
            : "'\(argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
    }
}

/// A line on standard error for each run.
private struct ReproductionDisplay {
    func show(_ progress: Reproduction.Progress) {
        let left = progress.secondsLeft.map { ", \(clock($0)) left" } ?? ""
        guard let job = progress.job else { return }
        let reason = progress.reason.map { ", again: \($0)" } ?? ""
        Terminal.write("\(progress.done + 1) of \(progress.total): \(job)\(reason)\(left)", to: .error)
    }
}
