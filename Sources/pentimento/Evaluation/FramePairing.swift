import MediaIO

/// Which pictures of a folder were stylized to those of another one.
///
/// They belong together by their names without extension. If these differ, by their order: all pictures of the folder,
/// or all those whose names are the same but for the number, if there are as many.
struct FramePairing {
    /// One path for each stylized picture.
    let chosen: [String]
    /// One line about pictures that were left out; nil if none was.
    let note: String?

    /// - Parameters:
    ///   - stylized: paths, sorted by name.
    ///   - originals: paths, sorted by name.
    /// - Throws: `MediaError` if there is no such order, or a stylized picture is missing between others.
    init(stylized: [String], of stylizedFolder: String, originals: [String], of folder: String) throws {
        let byStem = Dictionary(originals.map { (stem(of: $0), $0) }) { first, _ in first }
        let matching = stylized.compactMap { byStem[stem(of: $0)] }
        if !stylized.isEmpty, matching.count == stylized.count {
            try Self.checkSuccession(of: matching, among: originals, stylizedFolder)
            chosen = matching
        } else if originals.count == stylized.count {
            chosen = originals
        } else {
            let series = Dictionary(grouping: originals, by: Self.pattern).values.filter { $0.count == stylized.count }
            guard let only = series.first, series.count == 1 else {
                throw MediaError(
                    "\(stylizedFolder): has \(stylized.count) pictures, \(folder) has \(originals.count); they must agree in "
                        + "number or in name")
            }
            chosen = only
        }
        let taken = Set(chosen)
        let rest = originals.filter { !taken.contains($0) }
        note = rest.first.map {
            "\(folder): \(rest.count) pictures without a stylized one are left out, such as \(fileName(of: $0))"
        }
    }

    /// Between the frames of a series none may be missing: its neighbours would be compared as if they were adjacent.
    private static func checkSuccession(of chosen: [String], among originals: [String], _ folder: String) throws {
        guard let first = chosen.first else { return }
        let taken = Set(chosen)
        let series = originals.filter { pattern(of: $0) == pattern(of: first) }
        guard let start = series.firstIndex(where: taken.contains), let end = series.lastIndex(where: taken.contains),
            let missing = series[start...end].first(where: { !taken.contains($0) })
        else { return }
        throw MediaError("\(folder): has no picture of \(missing), which lies between others; stylize it, too")
    }

    /// The file name with its digits replaced.
    private static func pattern(of path: String) -> String {
        fileName(of: path).reduce(into: "") { pattern, character in
            guard character.isNumber else { return pattern.append(character) }
            if pattern.last != "#" { pattern.append("#") }
        }
    }
}

/// A path's last part.
func fileName(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

/// A path's last part without its extension.
func stem(of path: String) -> String {
    let name = fileName(of: path)
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
}
