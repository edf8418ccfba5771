import Glibc
import MediaIO
import Support

/// The output files of one command, created before the work, so that an unwritable path is an error at once.
struct ReservedOutputs {
    private let files: [WholeFile]

    /// - Parameter paths: an output that is not asked for is nil.
    /// - Throws: if two paths are one file, a file exists and may not be replaced, or its folder cannot be written.
    init(_ paths: [String?], replacing: Bool) throws {
        let paths = paths.compactMap { $0 }
        try Self.checkDistinct(paths)
        files = try paths.map { try WholeFile($0, replacing: replacing) }
    }

    /// - Throws: if two paths are one file.
    static func checkDistinct(_ paths: [String]) throws(MediaError) {
        // By bytes: two names may look alike.
        var seen: [[UInt8]: String] = [:]
        for path in paths {
            if let other = seen.updateValue(path, forKey: Array(location(of: path).utf8)) {
                throw MediaError("\(path): is the same file as the output \(other); each output needs its own")
            }
        }
    }

    /// Removes the reservations, for outputs that are written by path.
    func release() {
        for file in files { file.discard() }
    }

    /// The path with its folder's links resolved.
    private static func location(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard let resolved = realpath(folder, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved) + "/" + name
    }
}
