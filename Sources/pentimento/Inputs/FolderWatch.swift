import MediaIO
import Support

/// Finds the files that come into a folder.
struct FolderWatch {
    private struct Seen {
        var length: Int
        var modified: Int
        /// When it was first seen so.
        var since: Double
        var isTaken = false
    }

    private let folder: String
    private var seen: [String: Seen] = [:]
    /// Seconds for which a file that is whole has not changed.
    private static let rest = 2.0

    init(_ folder: String) { self.folder = folder.hasSuffix("/") ? folder : folder + "/" }

    /// Paths of the videos and pictures that have not changed for two seconds, sorted; each once, and again if it has
    /// changed later.
    ///
    /// - Parameter now: in seconds.
    mutating func wholeFiles(at now: Double) -> [String] {
        var present: [String: Seen] = [:]
        for name in Files.names(in: folder) where MediaNames.isMedia(name) {
            guard let facts = Files.facts(of: folder + name), facts.length > 0 else { continue }
            if let known = seen[name], known.length == facts.length, known.modified == facts.modified {
                present[name] = known
            } else {
                present[name] = Seen(length: facts.length, modified: facts.modified, since: now)
            }
        }
        let whole = present.filter { !$0.value.isTaken && now - $0.value.since >= Self.rest }.keys.sorted()
        for name in whole { present[name]?.isTaken = true }
        seen = present
        return whole.map { folder + $0 }
    }
}
