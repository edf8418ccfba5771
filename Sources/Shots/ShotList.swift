/// The shots of a film, so that each can be painted on its own. At a shot's first frame, painting begins anew in the whole
/// film, too.
public struct ShotList: Sendable, Equatable {
    /// Written into the file; other formats are refused.
    public static let format = "pentimento-shots-1"

    /// The file whose shots they are.
    public struct Film: Sendable, Equatable, Codable {
        /// Its name, without a folder.
        public var file: String
        /// Its length.
        public var bytes: Int
        /// 64 hexadecimal digits.
        public var sha256: String
        /// Of a frame, upright, in pixels.
        public var width: Int
        /// Of a frame, upright, in pixels.
        public var height: Int
        /// Number of frames, as the painting elements see them.
        public var frames: Int

        /// Facts about a film.
        public init(file: String, bytes: Int, sha256: String, width: Int, height: Int, frames: Int) {
            (self.file, self.bytes, self.sha256) = (file, bytes, sha256)
            (self.width, self.height, self.frames) = (width, height, frames)
        }
    }

    /// Frames that follow each other, painted into one part.
    public struct Shot: Sendable, Equatable, Codable {
        /// Its number, from 1.
        public var shot: Int
        /// Number of its first frame, from 0, in the order in which frames are shown.
        public var first: Int
        /// Number of its frames, 1 or more.
        public var frames: Int
        /// When its first frame is shown, in seconds from the beginning of the film.
        public var start: Double
        /// When the next shot begins; of the last one, when the film ends.
        public var end: Double
        /// Number of frames before it that are painted and not written. 0: it begins at a cut, and is painted as in the whole
        /// film; more: it goes on with the shot before, so that its painting is approximate.
        public var preroll: Int

        /// A shot.
        public init(shot: Int, first: Int, frames: Int, start: Double, end: Double, preroll: Int = 0) {
            (self.shot, self.first, self.frames) = (shot, first, frames)
            (self.start, self.end, self.preroll) = (start, end, preroll)
        }

        /// ``start`` in nanoseconds.
        public var startTime: Int64 { Self.nanoseconds(start) }
        /// ``end`` in nanoseconds.
        public var endTime: Int64 { Self.nanoseconds(end) }

        private static func nanoseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }
    }

    /// The film.
    public var film: Film
    /// What cuts depend on.
    public var detector: Detector
    /// In their order; together they are all frames.
    public var shots: [Shot]

    /// A list, which is not checked.
    public init(film: Film, detector: Detector, shots: [Shot]) {
        (self.film, self.detector, self.shots) = (film, detector, shots)
    }

    /// - Parameters:
    ///   - times: when each frame is shown and for how long, in nanoseconds.
    ///   - cuts: numbers of the frames at which a shot begins, from 0. The first frame always does.
    public init(film: Film, detector: Detector, times: [(time: Int64, duration: Int64)], cuts: Set<Int>) {
        let begins = (times.isEmpty ? [] : [0]) + cuts.filter { $0 > 0 && $0 < times.count }.sorted()
        let ends = begins.dropFirst() + [times.count]
        func seconds(_ time: Int64) -> Double { Double(time) / 1e9 }
        let last = times.last.map { $0.time + $0.duration } ?? 0
        let shots = zip(begins, ends).enumerated().map { index, range in
            Shot(
                shot: index + 1, first: range.0, frames: range.1 - range.0, start: seconds(times[range.0].time),
                end: seconds(range.1 < times.count ? times[range.1].time : last))
        }
        self.init(film: film, detector: detector, shots: shots)
    }

    /// Cuts shots that last longer into pieces of about the same length.
    ///
    /// - Parameters:
    ///   - longest: in seconds.
    ///   - preroll: frames of the shot before a piece that are painted with it and not written.
    ///   - times: when each frame is shown, in nanoseconds.
    public mutating func cut(longest: Double, preroll: Int, times: [Int64]) {
        var pieces: [Shot] = []
        for shot in shots {
            let count = Int(min(((shot.end - shot.start) / longest).rounded(.up), Double(shot.frames)))
            for index in 0..<max(count, 1) {
                let first = shot.first + shot.frames * index / max(count, 1)
                let next = shot.first + shot.frames * (index + 1) / max(count, 1)
                pieces.append(
                    Shot(
                        shot: pieces.count + 1, first: first, frames: next - first, start: Double(times[first]) / 1e9,
                        end: next < shot.first + shot.frames ? Double(times[next]) / 1e9 : shot.end,
                        preroll: index == 0 ? 0 : min(preroll, first - shot.first)))
            }
        }
        shots = pieces
    }

    /// The shot with a number; nil if there is none.
    public func shot(_ number: Int) -> Shot? { shots.first { $0.shot == number } }
}
