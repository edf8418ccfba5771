import Shots
import Testing

/// Films of the tests: a frame lasts a second, so that times are as good as numbers of frames.
enum Films {
    static let detector = Detector(
        painting: "stylize", flow: "medium", scale: 0, pixels: 60_000, sceneCut: 0.5, size: "640x360",
        deinterlace: "auto", keepHDR: false)

    static func film(_ frames: Int) -> ShotList.Film {
        ShotList.Film(
            file: "film.mp4", bytes: 1234, sha256: String(repeating: "a1", count: 32), width: 640, height: 360,
            frames: frames)
    }

    /// A list of shots with these numbers of frames.
    static func list(_ lengths: [Int]) -> ShotList {
        ShotList(film: film(lengths.reduce(0, +)), detector: detector, shots: shots(lengths))
    }

    /// - Parameter preroll: of all shots but the first.
    static func shots(_ lengths: [Int], preroll: Int = 0) -> [ShotList.Shot] {
        var first = 0
        return lengths.enumerated().map { index, frames in
            defer { first += frames }
            return ShotList.Shot(
                shot: index + 1, first: first, frames: frames, start: Double(first), end: Double(first + frames),
                preroll: index == 0 ? 0 : preroll)
        }
    }

    /// When frames are shown, each for a second.
    static func times(_ count: Int) -> [(time: Int64, duration: Int64)] {
        (0..<count).map { (Int64($0) * 1_000_000_000, 1_000_000_000) }
    }
}

/// A change, and the words that are then said of it; nil: none.
struct Edit<Value>: Sendable, CustomTestStringConvertible {
    let words: String?
    let change: @Sendable (inout Value) -> Void
    var testDescription: String { words ?? "nothing said" }

    init(_ words: String?, _ change: @escaping @Sendable (inout Value) -> Void) {
        (self.words, self.change) = (words, change)
    }
}
