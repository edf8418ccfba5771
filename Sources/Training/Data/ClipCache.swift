import Glibc
import Imaging
import NeuralNet
import Support

/// Cache folder for clip segments: for each clip an index file with the number of segments, and one file per segment.
///
/// The index is written last, so that a clip is either complete or missing. When the folder is full, the least recently
/// used clips are removed.
struct ClipCache {
    private let folder: String
    private let limit: Int
    /// Clips of this training run, which are not removed.
    private var inUse: Set<String> = []
    private var bytesInUse = 0

    /// - Throws: `FileError` if the folder cannot be created.
    init(folder: String, limit: Int) throws {
        self.folder = folder
        self.limit = limit
        try Files.makeFolder(folder)
    }

    /// Cache key of a clip, from its path, length, modification time and these settings; nil if there is no such file.
    static func key(of path: String, settings: ClipSet.Settings) -> String? {
        guard let facts = Files.facts(of: path), let realPath = realpath(path, nil) else { return nil }
        defer { free(realPath) }
        let text =
            "\(String(cString: realPath)) \(facts.length) \(facts.modified) \(settings.segmentLength) "
            + "\(settings.segmentsPerShot) \(settings.segmentsPerClip) \(settings.shorterSide) "
            + "\(settings.flow.rawValue) \(settings.minimumFilter)"
        return String(sha256(Array(text.utf8)[...]).prefix(24))
    }

    /// The segments of a clip; nil if it is not cached or damaged.
    mutating func segments(_ key: String) -> [ClipSegmentFile]? {
        guard let bytes = try? Files.read(index(key), limit: 100),
            let count = Int(String(decoding: bytes, as: UTF8.self)), (0...10_000).contains(count)
        else { return nil }
        let files = files(key, count: count)
        guard files.count == count else { return nil }
        Files.touch(index(key))
        inUse.insert(key)
        bytesInUse += files.reduce(0) { $0 + $1.layout.length }
        return files
    }

    /// The first `count` segments of a clip, as far as they are cached.
    func files(_ key: String, count: Int) -> [ClipSegmentFile] {
        (0..<max(0, count)).compactMap { ClipSegmentFile(segment(key, $0)) }
    }

    /// Stores a segment; false if the cache is full.
    /// - Throws: `FileError` if it cannot be written.
    mutating func keep(_ found: ClipSegment, of key: String, number: Int) throws -> Bool {
        inUse.insert(key)
        let bytes = found.encoded
        guard bytesInUse + bytes.count <= limit else { return false }
        makeRoom(bytes.count)
        try Files.write(bytes, to: segment(key, number))
        bytesInUse += bytes.count
        return true
    }

    /// Marks a clip as complete.
    /// - Throws: `FileError` if it cannot be written.
    func finish(_ key: String, count: Int) throws { try Files.write(Array("\(count)".utf8), to: index(key)) }

    /// Removes clips that are not in use until there is room.
    private func makeRoom(_ count: Int) {
        let others = Files.names(in: folder).compactMap { name -> (key: String, path: String, size: Int, used: Int)? in
            let key = String(name.prefix { $0 != "-" && $0 != "." })
            let path = "\(folder)/\(name)"
            guard name.hasSuffix(".clip") || name.hasSuffix(".stretch"), !inUse.contains(key),
                let facts = Files.facts(of: path)
            else { return nil }
            return (key, path, facts.length, facts.modified)
        }
        var total = bytesInUse + count + others.reduce(0) { $0 + $1.size }
        guard total > limit else { return }
        let clips = Dictionary(grouping: others) { $0.key }
        let byAge = clips.sorted {
            ($0.value.map(\.used).max() ?? 0, $0.key) < ($1.value.map(\.used).max() ?? 0, $1.key)
        }
        for (_, files) in byAge where total > limit {
            // The index first: a clip is complete or missing.
            for file in files.sorted(by: { $0.path.hasSuffix(".clip") && !$1.path.hasSuffix(".clip") }) {
                Files.remove(file.path)
                total -= file.size
            }
        }
    }

    private func index(_ key: String) -> String { "\(folder)/\(key).clip" }
    private func segment(_ key: String, _ number: Int) -> String { "\(folder)/\(key)-\(number).stretch" }
}
