import Conversions
import MediaIO
import Shots
import Support

/// The parts of a film: each shot's, once, of the same settings.
struct PartFiles {
    /// In the order of the film.
    let entries: [PartSequence.Entry]
    /// Of the first part.
    let tags: PartTags
    /// The first part.
    let first: PartFile

    /// - Parameters:
    ///   - place: a folder, or a pattern such as `part-%05d.mkv`.
    ///   - film: its path, for the command that makes a missing part.
    /// - Throws: ``ShotFailure`` if one is missing, there twice, or of another film or other settings.
    init(_ list: ShotList, at listPath: String, in place: String, film: String) throws {
        let found = try Self.parts(list, in: place)
        let some = found.values.first
        let missing = list.shots.filter { found[$0.shot] == nil }
        if let shot = missing.first {
            let command =
                some?.tags.command
                ?? "pentimento \(list.detector.painting) \(CommandText.quoted(film)) --shots \(CommandText.quoted(listPath)) "
                + "-o \(CommandText.quoted(Files.isFolder(place) ? Self.pattern(in: place) : place))"
            let more = missing.count > 1 ? ", and \(missing.count - 1) others" : ""
            throw ShotFailure(
                .parts,
                "\(place): the part of shot \(shot.shot) is missing\(more); \(command) --shot \(shot.shot) makes it")
        }
        let parts = list.shots.compactMap { shot in found[shot.shot].map { (shot, $0) } }
        guard let (_, head) = parts.first else { throw ShotFailure(.parts, "\(place): has no parts") }
        try Self.check(parts, of: list)
        entries = parts.map { shot, part in
            PartSequence.Entry(
                part.file,
                FilmPart(
                    start: shot.startTime, end: shot.endTime, frames: shot.frames, preroll: shot.preroll, tags: []))
        }
        (tags, first) = (head.tags, head.file)
    }

    /// A part and what it is.
    typealias Part = (file: PartFile, tags: PartTags)

    /// The shots that have no part in a folder or pattern, and one of the parts that are there.
    ///
    /// - Throws: ``ShotFailure`` if a part is there twice, or of another film or other settings.
    static func missing(_ list: ShotList, in place: String) throws -> (shots: [ShotList.Shot], painted: Part?) {
        let found = try parts(list, in: place)
        let painted = list.shots.compactMap { shot in found[shot.shot].map { (shot, $0) } }
        try check(painted, of: list)
        return (list.shots.filter { found[$0.shot] == nil }, painted.first?.1)
    }

    /// The pattern of the parts in a folder. A sign of percent in the folder's name is none of it.
    static func pattern(in folder: String) -> String {
        folder.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%") + "/part-%05d.mkv"
    }

    /// - Throws: ``ShotFailure`` if a part is of another film or other settings.
    private static func check(_ parts: [(shot: ShotList.Shot, part: Part)], of list: ShotList) throws {
        guard let head = parts.first?.part else { return }
        for (shot, part) in parts {
            if let difference = part.tags.difference(from: shot, of: list) {
                throw ShotFailure(.parts, "\(part.file.path): \(difference); paint it again")
            }
            if let difference = part.tags.difference(from: head.tags) {
                throw ShotFailure(
                    .parts,
                    "\(part.file.path): \(difference), as those of \(head.file.path) are; paint one of them again")
            }
        }
    }

    private static func parts(_ list: ShotList, in place: String) throws -> [Int: Part] {
        var found: [Int: Part] = [:]
        for path in try paths(list, in: place) {
            let file: PartFile
            do { file = try PartFile(path) } catch {
                throw ShotFailure(
                    .decoding, "\(error); if it is a part, remove it and paint its shot again; else move it elsewhere")
            }
            guard let tags = PartTags(file) else {
                throw ShotFailure(.parts, "\(path): is no part of a film; name the folder of the parts alone")
            }
            if let other = found.updateValue((file, tags), forKey: tags.shot) {
                throw ShotFailure(
                    .parts, "\(path): is of shot \(tags.shot), as \(other.file.path) is; remove one of them")
            }
            guard list.shot(tags.shot) != nil else {
                throw ShotFailure(.parts, "\(path): is of shot \(tags.shot), which the list does not have; remove it")
            }
        }
        return found
    }

    private static func paths(_ list: ShotList, in place: String) throws -> [String] {
        if let pattern = FramePattern(place), !Files.isFolder(place) {
            return list.shots.map { pattern.path($0.shot) }.filter(Files.exists)
        }
        guard Files.isFolder(place) else {
            throw ShotFailure(.parts, "\(place): is no folder; name that of the parts, or a pattern as part-%05d.mkv")
        }
        let folder = place.hasSuffix("/") ? place : place + "/"
        return Files.names(in: folder).filter { $0.hasSuffix(".mkv") }.map { folder + $0 }
    }
}
