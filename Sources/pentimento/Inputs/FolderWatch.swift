import MediaIO
import Support

/// Finds the files that come into a folder.
struct FolderWatch {
    /// A file that is whole.
    struct Arrival {
        let path: String
        /// Whether it was there before, and has changed.
        let isChanged: Bool
    }

    private struct Seen {
        let name: String
        var length = -1
        var modified = 0
        /// When it was first seen so.
        var since = 0.0
        var isTaken = false
        /// Whether an earlier content was taken.
        var wasTaken = false
    }

    private let folder: String
    /// By the bytes of the names: there may be two that only look alike.
    private var seen: [[UInt8]: Seen] = [:]
    /// Seconds for which a file that is whole has not changed.
    private static let rest = 2.0

    init(_ folder: String) { self.folder = folder.hasSuffix("/") ? folder : folder + "/" }

    /// The videos and pictures that have not changed for two seconds and that no process writes to, sorted; each once, and
    /// again if it has changed later. One whose name cannot be read is among them.
    ///
    /// - Parameter now: in seconds.
    mutating func wholeFiles(at now: Double) -> [Arrival] {
        var present: [[UInt8]: Seen] = [:]
        for name in Files.names(in: folder) where MediaNames.isMedia(name, in: folder) {
            guard let facts = facts(of: name), facts.length > 0 else { continue }
            var file = seen[Array(name.utf8)] ?? Seen(name: name)
            if (file.length, file.modified) != facts {
                file.wasTaken = file.wasTaken || file.isTaken
                (file.length, file.modified) = facts
                (file.since, file.isTaken) = (now, false)
            }
            present[Array(name.utf8)] = file
        }
        seen = present
        let whole = present.filter { file in
            !file.value.isTaken && now - file.value.since >= Self.rest
                && !Files.isBeingWritten(folder + file.value.name)
        }
        for key in whole.keys { seen[key]?.isTaken = true }
        return whole.values.sorted { $0.name < $1.name }
            .map { Arrival(path: folder + $0.name, isChanged: $0.wasTaken) }
    }

    private func facts(of name: String) -> (length: Int, modified: Int)? {
        // A name that is not UTF-8 leads nowhere; it is to be said once.
        Files.facts(of: folder + name) ?? (Files.isThere(folder + name) ? nil : (1, 0))
    }
}
