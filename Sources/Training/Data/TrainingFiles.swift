import Imaging
import Support

/// Lists the files of a folder of training data.
enum TrainingFiles {
    /// Paths relative to the folder, sorted; a single empty path if `folder` is a file.
    ///
    /// - Parameter kind: what is expected, such as "photographs".
    static func list(_ folder: String, kind: String) throws(TrainingDataError) -> [String] {
        guard Files.exists(folder) else {
            throw TrainingDataError("\(folder): no such folder; name one with \(kind) in it")
        }
        guard Files.isFolder(folder) else { return [""] }
        // Credits and descriptions usually lie beside photographs.
        let files = Files.tree(of: folder).filter { !$0.hasSuffix(".md") }
        guard !files.isEmpty else {
            throw TrainingDataError("\(folder): has no files, or cannot be read; name a folder with \(kind) in it")
        }
        return files
    }

    static func path(_ name: String, in folder: String) -> String { name.isEmpty ? folder : "\(folder)/\(name)" }

    /// The error's text without the path at its beginning.
    static func reason(_ error: any Error, path: String) -> String {
        let text = "\(error)"
        return text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text
    }

    /// The error for a folder without a usable file.
    static func nothing(in folder: String, kind: String, skipped: [SkippedFile]) -> TrainingDataError {
        let reasons = skipped.prefix(mostListed).map(\.description).joined(separator: "; ")
        return TrainingDataError(
            "\(folder): there are no \(kind) to train with among its files (\(reasons)); name a folder with \(kind) in it"
        )
    }

    /// A sentence with the names of some of the files.
    static func warning(of skipped: [SkippedFile]) -> String {
        let some = skipped.prefix(mostListed).map(\.description).joined(separator: "; ")
        let more = skipped.count - mostListed
        return "\(skipped.count) \(skipped.count == 1 ? "file is" : "files are") left out: \(some)"
            + (more > 0 ? "; and \(more) more." : ".")
    }

    private static let mostListed = 5
}

/// A 64-bit hash.
struct Fingerprint {
    private var state: UInt64 = 0

    mutating func add(_ number: UInt64) {
        var mixed = SplitMix(seed: state ^ number)
        state = mixed.next()
    }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        for byte in text.utf8 { add(UInt64(byte)) }
    }

    /// 16 hexadecimal digits.
    var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
