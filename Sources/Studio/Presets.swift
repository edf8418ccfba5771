import Support
import Synchronization

/// Named changes, kept in a file.
package final class Presets: Sendable {
    /// Path of the file, which need not exist.
    package let path: String
    /// One change of the file at a time.
    private let lock = Mutex(())

    private static let most = 200
    private static let largestFile = 1 << 20

    package init(path: String) { self.path = path }

    /// The file of the user's presets; nil if neither `XDG_DATA_HOME` nor `HOME` is set.
    package static var userFile: String? { UserData.path("studio-presets.json") }

    /// - Throws: ``StudioError`` if the file is damaged or cannot be read.
    package func all() throws(StudioError) -> [String: StateChange] {
        guard Files.isThere(path) else { return [:] }
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: Self.largestFile) } catch { throw StudioError("\(error)") }
        do throws(StudioError) { return try StudioJSON.decode([String: StateChange].self, from: bytes) } catch {
            throw StudioError("\(path): \(error); mend the file, or move it away")
        }
    }

    /// Keeps a change under a name, also a used one.
    /// - Throws: ``StudioError`` if the name cannot be used, there are too many, or the file cannot be written; it is
    ///   then as before.
    package func save(_ change: StateChange, as name: String) throws(StudioError) {
        if let problem = Self.problem(ofName: name) { throw StudioError("preset \(shown(name)): \(problem)") }
        try edit { presets throws(StudioError) in
            guard presets[name] != nil || presets.count < Self.most else {
                throw StudioError("there are \(Self.most) presets already; remove some")
            }
            presets[name] = change
        }
    }

    /// - Returns: whether there was one.
    /// - Throws: ``StudioError`` if the file cannot be read or written.
    package func remove(_ name: String) throws(StudioError) -> Bool {
        var isThere = false
        try edit { presets throws(StudioError) in isThere = presets.removeValue(forKey: name) != nil }
        return isThere
    }

    private func edit(_ body: (inout [String: StateChange]) throws(StudioError) -> Void) throws(StudioError) {
        try lock.withLock { _ throws(StudioError) in
            let before = try all()
            var presets = before
            try body(&presets)
            guard presets != before else { return }
            do {
                if let end = path.lastIndex(of: "/") { try Files.makeFolder(String(path[..<end])) }
                try Files.write(StudioJSON.encode(presets, isPretty: true) + [0x0A], to: path)
            } catch { throw StudioError("\(error)") }
        }
    }

    /// What is wrong with a name; nil: nothing.
    static func problem(ofName name: String) -> String? {
        if name.isEmpty { return "give it a name" }
        if name.count > 60 || name.utf8.count > 200 { return "give it at most 60 characters" }
        if name.first == " " || name.last == " " { return "the name begins or ends with a space" }
        if name == "." || name == ".." { return "give it another name" }
        let isClean = name.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0x7F && $0 != "/" && $0 != "\\" && $0.properties.generalCategory != .format
                && $0.properties.generalCategory != .control
        }
        return isClean ? nil : "the name has a slash or a control character"
    }
}
