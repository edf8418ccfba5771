import ArgumentParser
import ModelFiles
import NeuralNet
import Style

struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "Lists and shows models and loss networks; downloads and imports loss networks.",
        subcommands: [List.self, Info.self, ModelsTryCommand.self, ModelsFetchCommand.self, ModelsImportCommand.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the models by name.")

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let library = ModelLibrary.standard
            let styles = library.listModels()
            let networks = library.listLossNetworks()
            if json {
                try printJSON(
                    styles.map { ["name": $0.name, "path": $0.location, "kind": "style"] }
                        + networks.map { ["name": $0.name, "path": $0.path, "kind": LossNetworkFile.kind] })
                return
            }
            write(styles, title: "styles", ifNone: "none in \(library.folders.joined(separator: ", "))")
            write(networks, title: "loss networks", ifNone: "none; run: pentimento models fetch vgg16")
        }

        private func write(_ entries: [ModelEntry], title: String, ifNone: String) {
            Terminal.write(title, to: .output)
            let width = entries.map(\.name.count).max() ?? 0
            for entry in entries {
                let gap = String(repeating: " ", count: width - entry.name.count + 2)
                Terminal.write("  \(entry.name)\(gap)\(entry.location)", to: .output)
            }
            if entries.isEmpty { Terminal.write("  \(ifNone)", to: .output) }
        }
    }

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Checks a model and prints its description.")

        @Argument(help: "Name or path of the model.")
        var name: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let (path, chosen) = try file(of: name)
            let isLossNetwork = try SafeTensors.metadata(of: path)["pentimento.kind"] == LossNetworkFile.kind
            let rows = [("path", path)] + (try isLossNetwork ? lossNetwork(path) : style(chosen, of: path))
            if json {
                try printJSON(Dictionary(uniqueKeysWithValues: rows))
                return
            }
            let width = rows.map(\.0.count).max() ?? 0
            for (key, value) in rows {
                Terminal.write(key + String(repeating: " ", count: width + 2 - key.count) + value, to: .output)
            }
        }

        private func file(of name: String) throws -> (path: String, style: String?) {
            let isLossNetwork = LossNetworkKind(rawValue: name) != nil
            return try isLossNetwork
                ? (ModelLibrary.standard.lossNetworkPath(of: name), nil) : ModelLibrary.standard.file(of: name)
        }

        private func style(_ chosen: String?, of path: String) throws -> [(String, String)] {
            let model = try Model(contentsOf: path)
            if let chosen { _ = try model.selecting(chosen) }
            let facts = model.description
            let rows: [(String, String?)] = [
                ("kind", facts.kind.rawValue), ("arch", facts.architecture.description),
                ("padding", facts.padding.rawValue), ("gate", facts.isGated ? "prior" : "none"),
                ("fill", facts.fill.rawValue),
                ("spheres", facts.isTunedForBorders ? "tuned for borders of faces" : "not tuned for borders of faces"),
                ("checksum", model.checksum), ("style", chosen ?? facts.style),
                ("styles", facts.styles.isEmpty ? nil : facts.styles.joined(separator: ", ")),
                ("painting", PaintingFacts(training: facts.training, style: chosen)?.description),
                ("license", facts.license),
                ("training", facts.training),
            ]
            return rows.compactMap { key, value in value.map { (key, $0) } }
        }

        private func lossNetwork(_ path: String) throws -> [(String, String)] {
            let file = try LossNetworkFile(contentsOf: path)
            return [
                ("kind", LossNetworkFile.kind), ("network", file.weights.kind.rawValue), ("input", file.input.rawValue),
                ("checksum", file.weights.checksum), ("license", file.license ?? "not stated"),
                ("source", file.source ?? "not stated"),
            ]
        }
    }
}
