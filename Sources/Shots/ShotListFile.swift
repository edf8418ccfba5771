import FoundationEssentials
import Support

/// What is wrong with a shot list: one line, with what to do.
public struct ShotListError: Error, Equatable, CustomStringConvertible {
    /// The line.
    public let description: String

    /// - Parameter description: begins with the path of the list.
    public init(_ description: String) { self.description = description }
}

extension ShotList {
    /// Reads a list.
    ///
    /// - Throws: ``ShotListError`` if it cannot be read, is no list, or ``problem`` finds something.
    public init(contentsOf path: String) throws(ShotListError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: 1 << 28) } catch { throw ShotListError("\(error)") }
        struct Content: Decodable {
            let format: String
            let film: Film
            let detector: Detector
            let shots: [Shot]
        }
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw ShotListError("\(path): is no shot list: \(Self.text(of: error)); `pentimento shots` writes one")
        } catch { throw ShotListError("\(path): is no shot list; `pentimento shots` writes one") }
        guard content.format == Self.format else {
            throw ShotListError("\(path): is of the format \(content.format), not \(Self.format); write it anew")
        }
        self.init(film: content.film, detector: content.detector, shots: content.shots)
        if let problem { throw ShotListError("\(path): \(problem)") }
    }

    private static func text(of error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty
                ? "it"
                : path.map { key in key.intValue.map { "entry \($0 + 1)" } ?? key.stringValue }.joined(separator: ", ")
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context.codingPath)) has a value of another kind"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not valid JSON, or has a number that is none here"
                : "\(place(context.codingPath)) has a wrong value"
        @unknown default: return "it cannot be read"
        }
    }

    /// Most frames of a film: years, and so few that sums of their numbers and times are an `Int`.
    private static let mostFrames = 1 << 31

    /// What is wrong with the list, to follow its name; nil if nothing is.
    public var problem: String? {
        guard !shots.isEmpty else { return "has no shots" }
        guard (1...Self.mostFrames).contains(film.frames), film.width > 0, film.height > 0, film.sha256.utf8.count == 64
        else {
            return "says nothing true of the film"
        }
        var (next, end) = (0, shots[0].start)
        for (index, shot) in shots.enumerated() {
            let name = "shot \(shot.shot)"
            if shot.shot != index + 1 { return "\(name) is at place \(index + 1); number them 1, 2, 3" }
            if shot.frames < 1 { return "\(name) has no frames" }
            if shot.frames > film.frames { return "\(name) has more frames than the film" }
            if shot.first > next {
                return "frames \(next) to \(shot.first - 1), before \(name), belong to no shot; close the gap"
            }
            if shot.first < next { return "\(name) begins at frame \(shot.first), within shot \(index)" }
            guard shot.start.isFinite, shot.end.isFinite, shot.start >= 0, shot.start < shot.end, shot.end < 1e9 else {
                return "\(name) has wrong times; a shot starts before it ends"
            }
            if abs(shot.start - end) > 1e-6 {
                return "\(name) starts at \(number(shot.start)) s, though shot \(index) ends at \(number(end)) s"
            }
            if shot.preroll < 0 || shot.preroll > shot.first {
                return "\(name) has \(shot.preroll) frames of preroll, and \(shot.first) frames before it"
            }
            (next, end) = (shot.first + shot.frames, shot.end)
        }
        return next == film.frames ? nil : "has \(next) frames in its shots, and the film has \(film.frames)"
    }

    /// The list as JSON, a shot in each line.
    public var text: String {
        let film = [
            "\"file\": \(quoted(film.file))", "\"bytes\": \(film.bytes)", "\"sha256\": \(quoted(film.sha256))",
            "\"width\": \(film.width)", "\"height\": \(film.height)", "\"frames\": \(film.frames)",
        ]
        let lines = shots.map { shot in
            "    {\"shot\": \(shot.shot), \"first\": \(shot.first), \"frames\": \(shot.frames), "
                + "\"start\": \(number(shot.start)), \"end\": \(number(shot.end)), \"preroll\": \(shot.preroll)}"
        }
        let detector = detector.fields.map { "\(quoted($0.name)): \($0.value)" }
        return """
            {
              "format": \(quoted(Self.format)),
              "film": {
                \(film.joined(separator: ",\n    "))
              },
              "detector": {
                \(detector.joined(separator: ",\n    "))
              },
              "shots": [
            \(lines.joined(separator: ",\n"))
              ]
            }

            """
    }
}

/// A number without a needless fraction.
func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
}

func quoted(_ text: String) -> String { JSON.quoted(text) }
