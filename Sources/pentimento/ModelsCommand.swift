import ArgumentParser
import NeuralNet
import Style

struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Says which styles there are.",
        subcommands: [List.self, Info.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the models by name.")

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let library = ModelLibrary.standard
            let entries = library.listModels()
            if json {
                try printJSON(entries.map { ["name": $0.name, "path": $0.path] })
            } else if entries.isEmpty {
                Terminal.write("No models in \(library.folders.joined(separator: ", "))", to: .output)
            } else {
                Terminal.write(table(entries.map { [$0.name, $0.path] }.map { [$0[0] + "  " + $0[1]] }), to: .output)
            }
        }
    }

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Reads a model, checks it, and says what it is.")

        @Argument(help: "Name or path.")
        var name: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let path = try ModelLibrary.standard.path(of: name)
            let model = try Model(contentsOf: path)
            let facts = model.description
            var rows: [(key: String, value: String)] = [
                ("path", path), ("kind", facts.kind.rawValue), ("arch", facts.architecture.description),
                ("padding", facts.padding.rawValue), ("gate", facts.isGated ? "prior" : "none"),
                ("fill", facts.fill.rawValue), ("checksum", model.checksum),
            ]
            for (key, value) in [("style", facts.style), ("license", facts.license), ("training", facts.training)] {
                if let value { rows.append((key, value)) }
            }
            if json {
                try printJSON(Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value) }))
            } else {
                let width = rows.map(\.key.count).max() ?? 0
                for row in rows {
                    Terminal.write(
                        row.key + String(repeating: " ", count: width + 2 - row.key.count) + row.value, to: .output)
                }
            }
        }
    }
}
