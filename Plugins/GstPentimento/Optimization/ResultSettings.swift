import GStreamerKit
import Imaging
import NeuralNet
import Support

/// The settings that results depend on, apart from the frames and their motion, stored as readable JSON.
struct ResultSettings {
    static let fileName = "pentimento-optimize.json"
    /// Incremented when the file's format changes, or when the same settings give other results than before.
    static let version = "2"

    /// Names and values. Properties have their own names.
    var values: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: some CustomStringConvertible) {
        values.append((name, value.description))
    }

    mutating func add(_ name: String, _ value: Double) {
        // Whole numbers without a fraction, as users write them.
        values.append((name, value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : value.description))
    }

    /// Compares with the settings stored in a folder, or stores these if there are none.
    ///
    /// - Throws: ``ElementError`` that names the first difference.
    func check(in folder: OwnedFolder) throws {
        guard let bytes = try? Files.read(folder.path(of: Self.fileName), limit: 1 << 20),
            case .object(let file) = try? JSON(parsing: bytes[...]), case .string(let version) = file["version"],
            case .object(let kept) = file["settings"]
        else {
            // The file is missing or damaged. Each result has a digest of its settings, so matching ones are still
            // used.
            do {
                return try folder.write(Array(text.utf8), to: Self.fileName)
            } catch {
                throw ElementError(
                    .store, "\(error).", remedy: "Make room, or set state-location to a folder that can be written to.")
            }
        }
        let folder = folder.path
        guard version == Self.version else {
            throw refused(folder, "its results are of another version of this program.")
        }
        for (name, value) in values {
            guard case .string(let before) = kept[name] else { throw refused(folder, "\(name) was not set.") }
            if before != value { throw refused(folder, "\(name) was \(before), is \(value).") }
        }
        let names = Set(values.map(\.name))
        if let name = kept.keys.sorted().first(where: { !names.contains($0) }) {
            throw refused(folder, "\(name) was set.")
        }
    }

    private func refused(_ folder: String, _ why: String) -> ElementError {
        ElementError(
            .settings, "state-location=\(folder) belongs to other settings: \(why)",
            remedy: "Set them as they were, or set another state-location.")
    }

    /// SHA-256 of the text.
    var digest: String { sha256(Array(text.utf8)[...]) }

    private var text: String {
        let lines = values.map { "    \(JSON.quoted($0.name)): \(JSON.quoted($0.value))" }.joined(separator: ",\n")
        return "{\n  \"version\": \(JSON.quoted(Self.version)),\n  \"settings\": {\n\(lines)\n  }\n}\n"
    }
}
