import CGStreamer
import Glibc
import Imaging
import Support

/// A source of frames with its properties: a video, a still image or an image sequence.
public struct MediaInput: Sendable {
    /// The kind of a source.
    public enum Kind: Sendable, Equatable {
        case video
        case still
        case frames(FramePattern, numbers: ClosedRange<Int>)
    }

    /// The path or pattern, as it is named in messages.
    public let path: String
    /// Where it is read from: ``path``, or that of a copy.
    public let location: String
    /// A copy of what can be read only once.
    private let copy: UnnamedFile?
    /// The kind of source.
    public let kind: Kind
    /// Width in pixels, after the rotation by the orientation tag.
    public let width: Int
    /// Height in pixels, after the rotation by the orientation tag.
    public let height: Int
    /// Width of a pixel divided by its height.
    public let pixelAspectRatio: Double
    /// Frames per second; nil if unknown or variable.
    public let frameRate: Double?
    /// Duration in seconds; nil if unknown, and for images.
    public let duration: Double?
    /// Whether the frames are marked as interlaced.
    public let isInterlaced: Bool
    /// Whether there are pictures: one, a series, or an animation, which is a video without sound.
    package let hasPictures: Bool
    /// How long each frame of an animated picture is shown, in nanoseconds; empty for other inputs.
    package let frameDurations: [Int64]
    /// What is said of the input before anything is read, one line each.
    package let remarks: [String]
    /// Codec of the first sound, for example `mp3`; nil if there is none.
    public let sound: String?

    /// What is said of a video.
    package struct VideoFacts {
        package var width = 0
        package var height = 0
        package var pixelAspectRatio = 1.0
        package var frameRate: Double?
        package var duration: Double?
        package var isInterlaced = false
        package var sound: String?

        package init() {}
    }

    /// Inspects the file or the first frame of the sequence.
    ///
    /// - Parameters:
    ///   - copy: read in place of what `path` names.
    ///   - keepsGoing: whether files of a series that are missing or damaged are left out.
    ///   - video: what is said of a file that is no picture; nil if it is no video either.
    /// - Throws: if there is no such file, it is neither a video nor an image, or a decoder is missing.
    package init(
        _ path: String, from copy: UnnamedFile? = nil, keepsGoing: Bool = false,
        video: (_ file: String) throws(MediaError) -> VideoFacts?
    ) throws(MediaError) {
        startGStreamer()
        self.path = path
        self.copy = copy
        var file = copy?.path ?? path
        var frames: (pattern: FramePattern, numbers: ClosedRange<Int>)?
        if !Files.exists(file) {
            if let pattern = FramePattern(path) {
                let numbers = try pattern.existingNumbers(allowingGaps: keepsGoing)
                frames = (pattern, numbers)
                file = pattern.path(numbers.lowerBound)
                if keepsGoing, let whole = numbers.first(where: { Self.isPicture(pattern.path($0)) }) {
                    file = pattern.path(whole)
                }
            } else {
                file = FramePattern.literal(path)
            }
        }
        location = frames == nil ? file : path
        if copy == nil { try Self.checkReadable(file) }
        let media = try Self.naming(path, insteadOf: copy?.path) { () throws(MediaError) in
            try OpenedMedia.open(file, video: video)
        }
        switch media {
        case .pictures(let picture):
            hasPictures = true
            (width, height) = (picture.width, picture.height)
            (pixelAspectRatio, sound, isInterlaced) = (1, nil, false)
            frameDurations = frames == nil ? picture.durations : []
            remarks =
                picture.pageCount > 1 && frames == nil
                ? ["\(picture.pageCount) pictures in one file: the first is read, and the others are left out"] : []
            let isAnimated = !frameDurations.isEmpty
            kind = frames.map { .frames($0.pattern, numbers: $0.numbers) } ?? (isAnimated ? .video : .still)
            let seconds = Double(frameDurations.reduce(0, +)) / 1e9
            duration = isAnimated ? seconds : nil
            frameRate = isAnimated ? Double(frameDurations.count) / seconds : nil
        case .video(let found):
            if frames != nil { throw MediaError("\(file): is a video, not a picture; name one file, not a series") }
            (hasPictures, frameDurations, remarks) = (false, [], [])
            kind = .video
            width = found.width
            height = found.height
            pixelAspectRatio = found.pixelAspectRatio
            sound = found.sound
            isInterlaced = found.isInterlaced
            frameRate = found.frameRate
            duration = found.duration
        }
    }

    /// The approximate number of frames; nil if unknown.
    public var frameCount: Int? {
        switch kind {
        case .still: 1
        case .frames(_, let numbers): numbers.count
        case .video:
            if let duration, let frameRate { Int((duration * frameRate).rounded()) } else { nil }
        }
    }

    private static func isPicture(_ path: String) -> Bool {
        guard (try? checkReadable(path)) != nil, case .pictures? = try? OpenedMedia.open(path) else { return false }
        return true
    }

    /// Runs `body`, in whose errors `path` takes the place of that of a copy.
    private static func naming<Result>(
        _ path: String, insteadOf copy: String?, _ body: () throws(MediaError) -> Result
    ) throws(MediaError) -> Result {
        do {
            return try body()
        } catch {
            guard let copy, error.description.hasPrefix(copy) else { throw error }
            throw MediaError(path + error.description.dropFirst(copy.count))
        }
    }

    /// - Throws: if the name of a file stands for one that is not UTF-8, as in the list of a folder.
    package static func checkName(_ path: String) throws(MediaError) {
        guard path.unicodeScalars.contains("\u{FFFD}"), !Files.isThere(path) else { return }
        throw MediaError("\(path): its name is not UTF-8; rename the file")
    }

    package static func checkReadable(_ path: String) throws(MediaError) {
        try checkName(path)
        var status = stat()
        if stat(path, &status) != 0 { throw errno == ENOENT ? .missingFile(path) : .system(errno, "read", path) }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw MediaError("\(path): is a folder; name a file, or a pattern such as \(path)/frame_%04d.png")
        }
        if [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) {
            throw MediaError("\(path): is a pipe; pentimento reads files, so write what comes to one first")
        }
        if access(path, R_OK) != 0 { throw .system(errno, "read", path) }
        if status.st_mode & S_IFMT == S_IFREG && status.st_size == 0 { throw MediaError("\(path): is empty") }
    }
}
