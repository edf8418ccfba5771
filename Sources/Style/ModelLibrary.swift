import Imaging
import ModelFiles
import NeuralNet
import Support

/// A model file found by name, or one style of a file with several.
public struct ModelEntry: Sendable, Equatable {
    /// File name without the extension, or the style's name.
    public let name: String
    /// Path of the file.
    public let path: String
    /// The style, if the file has several.
    public var style: String?
    /// `PATH` or `PATH#STYLE`.
    public var location: String { style.map { "\(path)#\($0)" } ?? path }

    /// Whether the file's metadata say that it is a loss network. An unreadable file counts as a style; the error is
    /// reported when it is loaded.
    var isLossNetwork: Bool {
        (try? SafeTensors.metadata(of: path))?["pentimento.kind"] == LossNetworkFile.kind
    }

    /// The styles of a file with several.
    var styles: [ModelEntry] {
        ModelDescription.styles(in: (try? SafeTensors.metadata(of: path)) ?? [:])
            .map { ModelEntry(name: $0, path: path, style: $0) }
    }
}

/// Finds models by name.
///
/// The search order is: the folders of `PENTIMENTO_MODEL_PATH` (separated by colons); `pentimento/models` in the user's
/// data folder; `pentimento-models` beside the binary that contains this code; `share/pentimento/models` in the
/// installation prefix of that binary. The first match wins; in a folder, files go before styles in files with several.
/// A string with a slash or the extension `.safetensors` is a path and is not looked up.
public struct ModelLibrary: Sendable {
    static let ending = ".safetensors"

    /// Search folders, highest priority first. They need not exist.
    public let folders: [String]

    /// A library with the given search folders.
    public init(folders: [String]) {
        self.folders = folders
    }

    /// The library of this process, from its current environment.
    public static var standard: ModelLibrary {
        var folders = (environmentVariable("PENTIMENTO_MODEL_PATH") ?? "").split(separator: ":").map(String.init)
        if let userFolder { folders.append(userFolder) }
        return ModelLibrary(folders: folders + InstalledFiles.folders("models"))
    }

    /// Folder of the user's own models; nil if neither `XDG_DATA_HOME` nor `HOME` is set.
    public static var userFolder: String? {
        UserData.path("models")
    }

    /// Loads a model, or one style of a model with several.
    ///
    /// - Parameter name: `NAME`, the name of a file or of a style, or a path; or `NAME#STYLE`, where NAME is a file.
    /// - Throws: ``ModelLookupError`` or `ModelError`.
    public func model(_ name: String) throws -> Model {
        let (path, style) = try file(of: name)
        let model = try Model(contentsOf: path)
        return try style.map(model.selecting) ?? model
    }

    /// The file of a model, and the style if the name is that of one, or ends in `#STYLE`.
    ///
    /// - Parameter name: as for ``model(_:)``.
    public func file(of name: String) throws -> (path: String, style: String?) {
        if let mark = name.lastIndex(of: "#"), !Files.exists(name) {
            return (try entry(of: String(name[..<mark])).path, String(name[name.index(after: mark)...]))
        }
        let entry = try entry(of: name)
        return (entry.path, entry.style)
    }

    /// The name with the file's path in place of its name: `PATH` or `PATH#STYLE`.
    public func resolved(_ name: String) throws -> String {
        let (path, style) = try file(of: name)
        return ModelEntry(name: name, path: path, style: style).location
    }

    /// All styles, sorted by name. For duplicate names, only the entry that a lookup finds.
    public func listModels() -> [ModelEntry] {
        listEntries().filter { $0.style != nil || (!$0.isLossNetwork && $0.styles.isEmpty) }
    }

    /// All loss networks, sorted by name.
    public func listLossNetworks() -> [ModelEntry] {
        listEntries().filter(\.isLossNetwork)
    }

    /// All files, and the styles of files with several, sorted by name.
    private func listEntries() -> [ModelEntry] {
        var entries: [String: ModelEntry] = [:]
        func add(_ entry: ModelEntry) {
            if !entry.name.isEmpty && entries[entry.name] == nil { entries[entry.name] = entry }
        }
        for folder in folders {
            let files = Files.names(in: folder).filter { $0.hasSuffix(Self.ending) }
                .map { ModelEntry(name: String($0.dropLast(Self.ending.count)), path: folder + "/" + $0) }
            files.forEach(add)
            files.flatMap(\.styles).forEach(add)
        }
        return entries.values.sorted { $0.name < $1.name }
    }

    /// Whether there is a file of this name.
    public func contains(_ name: String) -> Bool { listEntries().contains { $0.name == name && $0.style == nil } }

    /// Path of the file for `model`, the name of a file or of a style, or a path.
    ///
    /// - Throws: ``ModelLookupError`` if there is no such file; it suggests the closest known name.
    public func path(of model: String) throws -> String { try entry(of: model).path }

    private func entry(of model: String) throws -> ModelEntry {
        if model.contains("/") || model.hasSuffix(Self.ending) {
            let path = expandingHome(in: model)
            guard Files.exists(path) else { throw ModelLookupError.noSuchFile(path: path) }
            return ModelEntry(name: model, path: path)
        }
        if let entry = listEntries().first(where: { $0.name == model }) { return entry }
        throw ModelLookupError.unknownName(model, known: listModels().map(\.name), folders: folders)
    }

    /// Path of the file for `network`, the name of a loss network or a path.
    ///
    /// - Throws: ``ModelLookupError`` if there is no such file; it says how to get one.
    public func lossNetworkPath(of network: String) throws -> String {
        if network.contains("/") || network.hasSuffix(Self.ending) { return try path(of: network) }
        if let entry = listEntries().first(where: { $0.name == network }) { return entry.path }
        throw ModelLookupError.noLossNetwork(network, known: listLossNetworks().map(\.name))
    }
}

/// Why no file was found for a model's name or path.
public enum ModelLookupError: Error, Equatable, CustomStringConvertible {
    case noSuchFile(path: String)
    case unknownName(String, known: [String], folders: [String])
    case noLossNetwork(String, known: [String])

    /// Sentences for the user: what was not found, the known or closest names, and a remedy.
    public var description: String {
        switch self {
        case .noSuchFile(let path):
            return "There is no model file at \(path). Give the path of a .safetensors file, or the name of a model."
        case .unknownName(let name, let known, let folders):
            if known.isEmpty {
                return "There is no model called \"\(name)\", nor any other in \(folders.joined(separator: ", ")). "
                    + "Put one there, or name its folder in PENTIMENTO_MODEL_PATH."
            }
            let guess = nearestName(to: name, in: known, isGuess: true).map { "; did you mean \"\($0)\"?" } ?? "."
            return "There is no model called \"\(name)\"\(guess) Known are: \(known.joined(separator: ", ")). "
                + "Name one of them, or give the path of a .safetensors file."
        case .noLossNetwork(let name, let known):
            let others = known.isEmpty ? "" : "; there is \(known.joined(separator: ", "))"
            if name == LossNetworkKind.vgg16.rawValue {
                return "There is no loss network yet\(others); run: pentimento models fetch vgg16"
            }
            return "There is no loss network called \"\(name)\"\(others). Get one by: pentimento models import FILE "
                + "(VGG-16 or VGG-19 as ONNX or safetensors), or: pentimento models fetch vgg16"
        }
    }
}

private func expandingHome(in path: String) -> String {
    guard path.hasPrefix("~/"), let home = environmentVariable("HOME") else { return path }
    return home + path.dropFirst()
}
