import MediaIO
import ModelFiles
import NeuralNet
import Studio
import Style

/// The styles that can be painted, and where they are.
package struct LiveStyles: Sendable {
    private struct Entry: Sendable {
        let shown: StudioStyle
        let path: String
        /// In a model of several styles.
        let inner: String?
    }

    /// What `stylize` is set to for a style.
    struct Choice: Sendable, Equatable {
        /// Path of the model.
        let model: String
        /// The style in a model of several; nil: it has one.
        let style: String?
    }

    private let library: ModelLibrary
    private let entries: [Entry]

    /// The styles of a library that are made for plain frames.
    ///
    /// - Parameters:
    ///   - path: of a further model's file; nil: none.
    ///   - title: that of a style, given the metadata `training` of its model.
    /// - Throws: if the file at `path` is none.
    package init(
        _ library: ModelLibrary = .standard, adding path: String? = nil,
        title: (_ training: String?, _ style: String?) -> String? = { _, _ in nil }
    ) throws {
        self.library = library
        var models = library.listModels().map { (name: $0.name, path: $0.path, style: $0.style) }
        if let path {
            let file = try library.file(of: path)
            models.append((path, file.path, file.style))
        }
        var metadata: [String: [String: String]] = [:]
        var entries: [Entry] = []
        // Those for spheres are tuned for the borders of faces.
        for model in models where !model.name.hasSuffix("-sphere") {
            let facts = metadata[model.path] ?? (try? SafeTensors.metadata(of: model.path)) ?? [:]
            metadata[model.path] = facts
            let file = model.path.split(separator: "/").last.map(String.init) ?? model.path
            entries.append(
                Entry(
                    shown: StudioStyle(
                        name: model.name, model: file, title: title(facts["training"], model.style) ?? ""),
                    path: model.path, inner: model.style))
        }
        self.entries = entries
    }

    package var shown: [StudioStyle] { entries.map(\.shown) }

    func choice(_ name: String) -> Choice? {
        entries.first { $0.shown.name == name }.map { Choice(model: $0.path, style: $0.inner) }
    }

    /// The error for a style that is not there, with the nearest name.
    func unknown(_ name: String) -> any Error {
        do { _ = try library.file(of: name) } catch { return error }
        return MediaError("\(name): is a style that cannot be played")
    }
}
