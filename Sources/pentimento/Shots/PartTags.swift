import Conversions
import Shots

/// The tags of a part.
struct PartTags: Equatable {
    var shot: Int
    var first: Int
    var frames: Int
    /// Frames before them that were painted, too.
    var preroll: Int
    /// SHA-256 of the film.
    var film: String
    /// ``PixelSettings/text``.
    var settings: String
    /// The command that painted it: `stylize`, `optimize` or `sphere`.
    var painting: String
    /// Whether frames are HDR.
    var isHDR: Bool
    /// The command line, without the number of the shot.
    var command: String

    private enum Name: String {
        case shot = "PENTIMENTO_SHOT"
        case first = "PENTIMENTO_FIRST"
        case frames = "PENTIMENTO_FRAMES"
        case preroll = "PENTIMENTO_PREROLL"
        case film = "PENTIMENTO_FILM"
        case settings = "PENTIMENTO_SETTINGS"
        case painting = "PENTIMENTO_PAINTING"
        case dynamicRange = "PENTIMENTO_RANGE"
        case command = "PENTIMENTO_COMMAND"
    }

    init(
        _ shot: ShotList.Shot, of list: ShotList, settings: String, painting: String, isHDR: Bool, command: String
    ) {
        (self.shot, first, frames, preroll) = (shot.shot, shot.first, shot.frames, shot.preroll)
        film = list.film.sha256
        (self.settings, self.painting, self.isHDR, self.command) = (settings, painting, isHDR, command)
    }

    /// Nil if one is missing.
    init?(_ file: PartFile) {
        func text(_ name: Name) -> String? { file.tags[name.rawValue] }
        guard let shot = text(.shot).flatMap({ Int($0) }), let first = text(.first).flatMap({ Int($0) }),
            let frames = text(.frames).flatMap({ Int($0) }), let preroll = text(.preroll).flatMap({ Int($0) }),
            let film = text(.film), let settings = text(.settings),
            let painting = text(.painting)
        else { return nil }
        (self.shot, self.first, self.frames, self.film, self.settings) = (shot, first, frames, film, settings)
        (self.painting, self.preroll) = (painting, preroll)
        isHDR = text(.dynamicRange) == "HDR"
        command = text(.command) ?? ""
    }

    /// As they are written.
    var list: [(name: String, value: String)] {
        let all: [(Name, String)] = [
            (.shot, "\(shot)"), (.first, "\(first)"), (.frames, "\(frames)"),
            (.preroll, "\(preroll)"), (.film, film), (.settings, settings),
            (.painting, painting), (.dynamicRange, isHDR ? "HDR" : "SDR"), (.command, command),
        ]
        return all.map { ($0.0.rawValue, $0.1) }
    }

    /// Why this is not the part of a shot, to follow its name; nil if it is.
    func difference(from shot: ShotList.Shot, of list: ShotList) -> String? {
        if film != list.film.sha256 { return "is a part of another film" }
        guard self.shot == shot.shot, first == shot.first, frames == shot.frames else {
            return "is shot \(self.shot), \(frames) frames from \(first) on, and in the list shot \(shot.shot) has "
                + "\(shot.frames) frames from \(shot.first) on"
        }
        if preroll != shot.preroll { return "has \(preroll) frames of preroll, and the list has \(shot.preroll)" }
        return nil
    }

    /// Why this is painted otherwise than another part, to follow its name; nil if it is not.
    func difference(from other: PartTags) -> String? {
        guard painting == other.painting else { return "is painted by \(painting), not by \(other.painting)" }
        guard settings != other.settings else { return nil }
        let difference = PixelSettings.difference(of: settings, from: other.settings)
        return "is painted with other settings: \(difference)"
    }
}
