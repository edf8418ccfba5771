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
    /// Media type of the first audio stream, for example `audio/mpeg`; nil if there is none.
    public let sound: String?

    /// Inspects the file or the first frame of the sequence.
    ///
    /// - Throws: if there is no such file, it is neither a video nor an image, or a decoder is missing.
    public init(_ path: String) throws(MediaError) {
        try self.init(path, copy: nil)
    }

    /// Inspects a copy of what `path` names.
    public init(_ path: String, from copy: UnnamedFile) throws(MediaError) {
        try self.init(path, copy: copy)
    }

    private init(_ path: String, copy: UnnamedFile?) throws(MediaError) {
        startGStreamer()
        self.path = path
        self.copy = copy
        var file = copy?.path ?? path
        var frames: (pattern: FramePattern, numbers: ClosedRange<Int>)?
        if !Files.exists(file) {
            if let pattern = FramePattern(path) {
                let numbers = try pattern.existingNumbers()
                frames = (pattern, numbers)
                file = pattern.path(numbers.lowerBound)
            } else {
                file = FramePattern.literal(path)
            }
        }
        location = frames == nil ? file : path
        if copy == nil { try Self.checkReadable(file) }
        let media = try Self.naming(path, insteadOf: copy?.path) { () throws(MediaError) in try OpenedMedia.open(file) }
        switch media {
        case .pictures(let picture):
            hasPictures = true
            (width, height) = (picture.width, picture.height)
            (pixelAspectRatio, sound, isInterlaced) = (1, nil, false)
            frameDurations = frames == nil ? picture.durations : []
            let isAnimated = !frameDurations.isEmpty
            kind = frames.map { .frames($0.pattern, numbers: $0.numbers) } ?? (isAnimated ? .video : .still)
            let seconds = Double(frameDurations.reduce(0, +)) / 1e9
            duration = isAnimated ? seconds : nil
            frameRate = isAnimated ? Double(frameDurations.count) / seconds : nil
        case .video(let found):
            if frames != nil { throw MediaError("\(file): is a video, not a picture; name one file, not a series") }
            (hasPictures, frameDurations) = (false, [])
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

    static func checkReadable(_ path: String) throws(MediaError) {
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

/// The result of GStreamer's discoverer for a file.
struct Discovery {
    var isStill = false
    var isInterlaced = false
    var width = 0
    var height = 0
    var pixelAspectRatio = 1.0
    var frameRate: Double?
    var duration: Double?
    var sound: String?

    init(_ path: String) throws(MediaError) {
        guard let uri = gst_filename_to_uri(path, nil), let discoverer = gst_discoverer_new(30_000_000_000, nil) else {
            throw .notMedia(path)
        }
        defer {
            g_free(uri)
            g_object_unref(discoverer)
        }
        var failure: UnsafeMutablePointer<GError>?
        let info = gst_discoverer_discover_uri(discoverer, uri, &failure)
        defer {
            g_clear_error(&failure)
            if let info { g_object_unref(UnsafeMutableRawPointer(info)) }
        }
        let words = failure.map { String(cString: $0.pointee.message) }
        guard let info else { throw .notMedia(path, words) }
        if gst_discoverer_info_get_result(info) == GST_DISCOVERER_MISSING_PLUGINS,
            let details = gst_discoverer_info_get_missing_elements_installer_details(info), let first = details[0]
        {
            throw MissingPlugin.error(installerDetail: String(cString: first), input: path)
        }
        guard gst_discoverer_info_get_result(info) == GST_DISCOVERER_OK else {
            let isLate = gst_discoverer_info_get_result(info) == GST_DISCOVERER_TIMEOUT
            throw .notMedia(path, words ?? (isLate ? "nothing is found in 30 seconds" : "it has no frame"))
        }
        try readStreams(info, path)
        let nanoseconds = gst_discoverer_info_get_duration(info)
        if nanoseconds != UInt.max && nanoseconds > 0 { duration = Double(nanoseconds) / 1e9 }
    }

    private mutating func readStreams(_ info: OpaquePointer, _ path: String) throws(MediaError) {
        let videos = gst_discoverer_info_get_video_streams(info)
        defer { gst_discoverer_stream_info_list_free(videos) }
        guard let video = videos?.pointee.data.map({ OpaquePointer($0) }) else {
            throw MediaError("\(path): has no picture, only sound; name a video or a picture")
        }
        width = Int(gst_discoverer_video_info_get_width(video))
        height = Int(gst_discoverer_video_info_get_height(video))
        isStill = gst_discoverer_video_info_is_image(video) != 0
        isInterlaced = gst_discoverer_video_info_is_interlaced(video) != 0
        let rate = (
            gst_discoverer_video_info_get_framerate_num(video), gst_discoverer_video_info_get_framerate_denom(video)
        )
        if rate.0 > 0 && rate.1 > 0 { frameRate = Double(rate.0) / Double(rate.1) }
        let aspect = (gst_discoverer_video_info_get_par_num(video), gst_discoverer_video_info_get_par_denom(video))
        if aspect.0 > 0 && aspect.1 > 0 { pixelAspectRatio = Double(aspect.0) / Double(aspect.1) }
        guard width > 0 && height > 0 else { throw .notMedia(path, "its frames have no size") }
        if Self.liesOnItsSide(video) {
            swap(&width, &height)
            pixelAspectRatio = 1 / pixelAspectRatio
        }

        let sounds = gst_discoverer_info_get_audio_streams(info)
        defer { gst_discoverer_stream_info_list_free(sounds) }
        if let data = sounds?.pointee.data, let caps = gst_discoverer_stream_info_get_caps(OpaquePointer(data)) {
            defer { gst_mini_object_unref(UnsafeMutableRawPointer(caps).assumingMemoryBound(to: GstMiniObject.self)) }
            if let structure = gst_caps_get_structure(caps, 0), let name = gst_structure_get_name(structure) {
                sound = String(cString: name)
            }
        }
    }

    /// Whether the stream's orientation tag rotates it by 90 or 270 degrees.
    private static func liesOnItsSide(_ stream: OpaquePointer) -> Bool {
        guard let tags = gst_discoverer_stream_info_get_tags(stream) else { return false }
        var text: UnsafeMutablePointer<gchar>?
        guard gst_tag_list_get_string(tags, "image-orientation", &text) != 0, let text else { return false }
        defer { g_free(text) }
        return String(cString: text).contains("90") || String(cString: text).contains("270")
    }
}
