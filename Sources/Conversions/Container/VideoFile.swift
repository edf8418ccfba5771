import CAVFormat
import CGStreamer
import MediaIO

/// Writes encoded pictures from an `appsink` into a file, beside what an input has besides pictures.
final class VideoFile {
    private let container: VideoContainer
    private let location: String
    private let name: String
    private let timeBase: AVRational
    private let passing: () -> Passing?
    private let tags: () -> [(name: String, value: String)]
    /// From the first picture on, which says what the pictures are.
    private var opened: Opened?
    /// Number of pictures written.
    private var count = 0

    private struct Opened {
        let output: OutputContainer
        let stream: UnsafeMutablePointer<AVStream>
        let passed: PassedStreams?
        let tagging: ColorTagging?
    }

    /// What an input gives to the file.
    struct Passing {
        let input: InputContainer
        let sounds: StreamChoice
        let subtitles: StreamChoice
        /// What is kept of the pictures beside their pixels.
        let sideData: [SideData]
        /// Time of the input, in nanoseconds, that becomes 0.
        var start: Int64
        /// In nanoseconds; nil: to the end.
        var duration: Int64?
        /// Whether the input is read from `start` on only.
        var isSeeking: Bool
    }

    /// - Parameters:
    ///   - location: the path that is written to, and `name` the one that errors name.
    ///   - timeBase: of the pictures' times, which are rounded to it.
    ///   - passing: asked with the first picture.
    ///   - tags: of the file; asked then, too.
    init(
        _ container: VideoContainer, at location: String, name: String, timeBase: AVRational,
        passing: @escaping () -> Passing? = { nil }, tags: @escaping () -> [(name: String, value: String)] = { [] }
    ) {
        self.container = container
        self.location = location
        self.name = name
        self.timeBase = timeBase
        self.passing = passing
        self.tags = tags
    }

    /// Opens the file for pictures of the sample's kind.
    private func open(_ sample: Sample, hasAlpha: Bool) throws(MediaError) -> Opened {
        let output = try OutputContainer(container, at: location, name: name)
        guard let track = VideoTrack(sample.caps) else { throw MediaError("\(name): the encoder gives no known codec") }
        defer { track.release() }
        let stream = try track.add(to: output, timeBase: timeBase)
        var passed: PassedStreams?
        if let passing = passing() {
            av_dict_copy(&stream.pointee.metadata, passing.input.video?.pointee.metadata, 0)
            // A track of its own in MP4, which the container writes anew.
            if let code = passing.input.timecode { av_dict_set(&stream.pointee.metadata, "timecode", code, 0) }
            // Frames are upright, and the encoder is another.
            for tag in ["rotate", "encoder", "alpha_mode"] { av_dict_set(&stream.pointee.metadata, tag, nil, 0) }
            for data in passing.sideData { data.add(to: stream) }
            passed = try PassedStreams(passing, to: output, container: container)
        }
        if hasAlpha { av_dict_set(&stream.pointee.metadata, "alpha_mode", "1", 0) }
        for tag in tags() { output.addTag(tag.name, tag.value) }
        let tagging = try ColorTagging(for: stream.pointee.codecpar, name: name)
        try output.start()
        return Opened(output: output, stream: stream, passed: passed, tagging: tagging)
    }

    /// What was changed or lost of the input, one line each.
    var notes: [String] { opened?.passed?.notes ?? [] }

    /// Writes a picture.
    ///
    /// - Parameters:
    ///   - duration: in nanoseconds; nil: what the sample says.
    ///   - alpha: the picture's alpha, encoded as luma.
    ///   - addition: what Matroska keeps beside the picture; there is no alpha then.
    func write(
        _ sample: Sample, duration: Int64? = nil, alpha: Sample? = nil, addition: [UInt8]? = nil
    ) throws(MediaError) {
        let file = if let opened { opened } else { try open(sample, hasAlpha: alpha != nil) }
        opened = file
        let packet = try Packet(sample.bytes())
        let (shown, decoded) = sample.runningTimes
        guard let shown else { throw MediaError("\(name): the encoder gives no time for a frame") }
        packet.pointer.pointee.pts = shown.rescaled(from: AV.nanoseconds, to: timeBase)
        packet.pointer.pointee.dts = (decoded ?? shown).rescaled(from: AV.nanoseconds, to: timeBase)
        let length = duration ?? sample.duration ?? 0
        packet.pointer.pointee.duration = length.rescaled(from: AV.nanoseconds, to: timeBase)
        if sample.isKeyFrame { packet.pointer.pointee.flags |= AV_PKT_FLAG_KEY }
        try file.tagging?.apply(to: packet)
        if let addition = addition ?? alpha?.bytes() { try packet.addBlockAddition(addition) }
        try file.passed?.write(until: decoded ?? shown)
        packet.rescale(from: timeBase, to: file.stream.pointee.time_base)
        try file.output.write(packet, to: file.stream)
        count += 1
    }

    /// Writes the rest of what is passed, and the end of the file.
    ///
    /// - Parameter expected: number of pictures that were encoded.
    /// - Throws: if fewer were written.
    func finish(expected: Int) throws(MediaError) {
        if let opened { count -= opened.output.leftOutCount(of: opened.stream) }
        guard count == expected else {
            throw MediaError(
                "\(name): the encoder has lost frames: \(count) of \(expected) came out; write another format")
        }
        try opened?.passed?.finish()
        try opened?.output.finish()
    }
}
