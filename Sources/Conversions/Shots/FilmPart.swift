import CAVFormat
import MediaIO

/// Frames of a film that follow each other, painted into a file of their own: lossless, with the times that they have in
/// the film.
public struct FilmPart: Sendable {
    /// When the first frame is shown, in nanoseconds from the beginning of the film.
    public var start: Int64
    /// When the next frame behind the part would be shown, or when the film ends.
    public var end: Int64
    /// Number of frames.
    public var frames: Int
    /// Number of frames before them that go through the elements, too, and are not written.
    public var preroll: Int
    /// Tags of the file.
    public var tags: [(name: String, value: String)]

    /// Frames of a film.
    public init(start: Int64, end: Int64, frames: Int, preroll: Int, tags: [(name: String, value: String)]) {
        (self.start, self.end, self.frames) = (start, end, frames)
        (self.preroll, self.tags) = (preroll, tags)
    }

    /// Nanoseconds within which times are the same: a list may have them in decimals.
    static let tolerance: Int64 = 1000

    /// Whether a frame at a time is one of those that are written.
    func holds(_ time: Int64) -> Bool { time >= start - Self.tolerance && time < end - Self.tolerance }

    /// The tag in which a part has the caps of its frames, as the encoder of the whole film gets them.
    static let capsTag = "PENTIMENTO_CAPS"
}

/// Which of the frames that are decoded belong to a part. Counts them, so that a part has those that its list says.
struct PartProgress {
    /// What is done with a frame.
    enum Step { case skip, give, startOver, end }

    private let part: FilmPart
    private let path: String
    /// Where decoding begins at the latest, in nanoseconds from the beginning of the film; nil: at its beginning.
    private(set) var place: Int64?
    /// Frames before those of the preroll, from the place on.
    private var skipped: Int
    private var hasBegun = false
    private var count = 0
    /// Why the frames are not those that the part says.
    private(set) var problem: String?

    /// - Parameter origin: the time of the input at which the film begins, in nanoseconds.
    init(_ part: FilmPart, of input: MediaInput, origin: Int64) throws(MediaError) {
        self.part = part
        path = input.path
        skipped = 0
        place = part.start > 0 ? part.start : nil
        guard part.preroll > 0 else { return }
        // Frames behind the key frame that cannot be decoded from there lie well before the preroll.
        let length = Int64(1e9 / max(input.frameRate ?? 25, 1))
        place = part.start - Int64(part.preroll) * length * 2 - 2_000_000_000
        while true {
            if let place, place <= 0 { self.place = nil }
            let (before, next) = try Self.count(before: part.start, from: place, of: input, origin: origin)
            skipped = max(before - part.preroll, 0)
            if place == nil || before >= part.preroll && next == part.start { break }
            place = next == part.start ? place.map { $0 - 4 * (part.start - $0) } : nil
        }
    }

    /// The number of frames that are decoded before a time, and when the next one is shown; times are those of the list
    /// where they are as good as the same.
    private static func count(
        before time: Int64, from place: Int64?, of input: MediaInput, origin: Int64
    ) throws(MediaError) -> (before: Int, next: Int64) {
        let decoder = try VideoDecoder(
            InputContainer(input.path, at: input.location), from: place.map { $0 + origin })
        var count = 0
        while let picture = try decoder.next() {
            let next = picture.time - origin
            if place != nil, picture.frame.pointee.pts == av_no_time { return (count, .min) }
            guard next < time - FilmPart.tolerance else {
                return (count, abs(next - time) <= FilmPart.tolerance ? time : next)
            }
            count += 1
        }
        return (count, .max)
    }

    /// - Parameters:
    ///   - time: of the next frame, in nanoseconds from the beginning of the film; nil: there is none.
    ///   - isGuessed: whether the file does not say its time, as AVI does not: it then depends on where decoding began.
    /// - Throws: if the film has other frames than the part says.
    mutating func take(_ time: Int64?, isGuessed: Bool) throws(MediaError) -> Step {
        if !hasBegun, place != nil, isGuessed {
            place = nil
            return .startOver
        }
        guard let time, time < part.end - FilmPart.tolerance else {
            if count == part.frames { return .end }
            throw failure("\(count) frames from \(seconds(part.start)) to \(seconds(part.end)) s, not \(part.frames)")
        }
        guard part.holds(time) else {
            guard skipped == 0 else {
                skipped -= 1
                return .skip
            }
            return part.preroll > 0 ? .give : .skip
        }
        if !hasBegun, abs(time - part.start) > FilmPart.tolerance {
            // Some files cannot be sought in.
            guard place == nil else {
                place = nil
                return .startOver
            }
            throw failure("no frame that is shown from \(seconds(part.start)) s on")
        }
        hasBegun = true
        count += 1
        return .give
    }

    private mutating func failure(_ what: String) -> MediaError {
        let text = "\(path): has \(what); correct the list, or write it anew by `pentimento shots`"
        problem = text
        return MediaError(text)
    }

    private func seconds(_ time: Int64) -> String { "\(Double(time) / 1e9)" }
}
