import CAVFormat
import MediaIO

/// The streams of an input beside its pictures, on their way into an output: sounds, subtitles and attachments, copied
/// where the container holds their codec.
final class PassedStreams {
    private struct Passage {
        /// In notes.
        let name: String
        /// Of the input's times.
        let base: AVRational
        let target: UnsafeMutablePointer<AVStream>
        /// Nil: packets are copied.
        var encoder: SoundEncoder?
        var subtitles: SubtitleEncoder?
        /// Of sound that is copied.
        var steady: SteadySound?
        /// Added to the times, in nanoseconds.
        var delay: Int64 = 0
    }

    private let input: InputContainer
    private let output: OutputContainer
    private let container: VideoContainer
    private var passages: [Int32: Passage] = [:]
    /// The part of the input's time that is taken, in nanoseconds; it becomes 0 and later.
    private let (start, end): (Int64, Int64)
    /// Of the part, in nanoseconds.
    private var length: Int64 { end == .max ? end : end - start }
    private let isSeeking: Bool
    /// Read, but later than what was written.
    private var next: Packet?
    private var isAtEnd = false
    /// What was changed or lost, one line each.
    private(set) var notes: [String] = []

    /// Adds the streams, tags and chapters to the output.
    ///
    /// - Throws: if a stream was chosen that is not there.
    init(
        _ passing: VideoFile.Passing, to output: OutputContainer, container: VideoContainer
    ) throws(MediaError) {
        input = passing.input
        self.output = output
        start = passing.start
        end = passing.duration.map { passing.start + $0 } ?? .max
        isSeeking = passing.isSeeking
        self.container = container
        let taken = try Self.taken(of: passing)
        for stream in input.streams where taken.contains(stream) { try add(stream) }
        // Subtitles may be shown for as long as the file lasts.
        let hasSubtitles = passages.values.contains {
            $0.target.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_SUBTITLE
        }
        if isSeeking, !hasSubtitles { input.seekBroadly(toNanoseconds: start) }
        input.select(Set(passages.keys))
        output.takeTagsAndChapters(of: input, from: start, to: end)
    }

    /// The input's streams without its pictures, and without the sounds and subtitles that are not chosen.
    private static func taken(of passing: VideoFile.Passing) throws(MediaError) -> Set<UnsafeMutablePointer<AVStream>> {
        let input = passing.input
        func streams(_ type: AVMediaType) -> [UnsafeMutablePointer<AVStream>] {
            input.streams.filter { $0.pointee.codecpar.pointee.codec_type == type }
        }
        var taken = Set(input.streams.filter { $0 != input.video && $0 != input.alphaTrack })
        for (type, choice, kind) in [
            (AVMEDIA_TYPE_AUDIO, passing.sounds, "sound"), (AVMEDIA_TYPE_SUBTITLE, passing.subtitles, "subtitles"),
        ] {
            taken.subtract(streams(type))
            taken.formUnion(try choice.chosen(of: streams(type), kind: kind, path: input.path))
        }
        return taken
    }

    /// What a format that has pictures only does not hold, one line each.
    ///
    /// - Throws: if a stream was chosen that is not there.
    static func losses(of passing: VideoFile.Passing, in ending: String) throws(MediaError) -> [String] {
        let taken = try Self.taken(of: passing)
        return passing.input.streams.filter(taken.contains).compactMap(words(for:)).map { loss(of: $0, in: ending) }
    }

    private static func loss(of what: String, in ending: String) -> String {
        "\(what): left out, as .\(ending) does not hold it"
    }

    /// What a stream is, such as `sound (aac)`; nil if the container writes it anew, as chapters and time codes.
    private static func words(for stream: UnsafeMutablePointer<AVStream>) -> String? {
        let kind: String
        switch stream.pointee.codecpar.pointee.codec_type {
        case AVMEDIA_TYPE_AUDIO: kind = "sound"
        case AVMEDIA_TYPE_SUBTITLE: kind = "subtitles"
        case AVMEDIA_TYPE_ATTACHMENT: kind = "attachment"
        case AVMEDIA_TYPE_VIDEO: kind = "further pictures"
        default:
            if stream.isWrittenAnew { return nil }
            kind = "data"
        }
        return "\(kind) (\(stream.codecName))"
    }

    private func add(_ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        guard let name = Self.words(for: stream) else { return }
        var passage: Passage?
        if output.holds(stream) {
            let target = try output.add(stream.pointee.codecpar, timeBase: stream.pointee.time_base)
            passage = Passage(name: name, base: stream.pointee.time_base, target: target)
            passage?.steady = SteadySound(stream) { [input, output, length] () throws(MediaError) in
                try SoundEncoder(
                    of: stream, as: AV_CODEC_ID_AAC, globalHeaders: output.wantsGlobalHeaders, end: length,
                    name: input.path)
            }
        } else {
            passage = encoded(stream, name) ?? rewritten(stream, name)
        }
        guard var passage else {
            // One of several videos: containers could hold more, but only one is painted.
            let isVideo = stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
            say(isVideo ? "\(name): left out" : Self.loss(of: name, in: container.rawValue))
            return
        }
        passage.delay = Self.delay(of: passage.target.pointee.codecpar.pointee, container)
        passage.target.pointee.disposition = stream.pointee.disposition
        av_dict_copy(&passage.target.pointee.metadata, stream.pointee.metadata, 0)
        passages[stream.pointee.index] = passage
    }

    /// Cameras write several streams of the same data.
    private func say(_ note: String) {
        if !notes.contains(note) { notes.append(note) }
    }

    /// Readers of Matroska take a codec's delay off the times, which libavformat does not add when it writes.
    private static func delay(of parameters: AVCodecParameters, _ container: VideoContainer) -> Int64 {
        guard [.mkv, .webm].contains(container), parameters.codec_id == AV_CODEC_ID_OPUS, parameters.sample_rate > 0
        else {
            return 0
        }
        return Int64(parameters.initial_padding) * 1_000_000_000 / Int64(parameters.sample_rate)
    }

    private func encoded(_ stream: UnsafeMutablePointer<AVStream>, _ name: String) -> Passage? {
        guard stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO else { return nil }
        let codec = container == .webm ? AV_CODEC_ID_OPUS : AV_CODEC_ID_AAC
        guard
            let encoder = try? SoundEncoder(
                of: stream, as: codec, globalHeaders: output.wantsGlobalHeaders, end: length, name: input.path),
            let target = try? output.add(encoder.parameters, timeBase: encoder.timeBase)
        else { return nil }
        let (before, after) = encoder.channels
        let channels = after < before ? " with \(after) of \(before) channels" : ""
        say("\(name): encoded anew\(channels), as .\(container.rawValue) does not hold it")
        return Passage(name: name, base: stream.pointee.time_base, target: target, encoder: encoder)
    }

    private func rewritten(_ stream: UnsafeMutablePointer<AVStream>, _ name: String) -> Passage? {
        guard stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_SUBTITLE else { return nil }
        let codec =
            switch container {
            case .mp4, .m4v, .mov: AV_CODEC_ID_MOV_TEXT
            case .mkv: AV_CODEC_ID_SUBRIP
            case .webm: AV_CODEC_ID_WEBVTT
            }
        guard
            let encoder = try? SubtitleEncoder(
                of: stream, as: codec, globalHeaders: output.wantsGlobalHeaders, name: input.path),
            let target = try? output.add(encoder.parameters, timeBase: stream.pointee.time_base)
        else { return nil }
        say("\(name): encoded anew, as .\(container.rawValue) does not hold it")
        return Passage(name: name, base: stream.pointee.time_base, target: target, subtitles: encoder)
    }

    /// Writes what comes before a time, in nanoseconds of the output.
    func write(until time: Int64) throws(MediaError) {
        while !isAtEnd, !passages.isEmpty {
            if next == nil { next = try input.next() }
            guard let packet = next else {
                isAtEnd = true
                break
            }
            guard let passage = passages[packet.pointer.pointee.stream_index] else {
                next = nil
                continue
            }
            let times = packet.pointer.pointee
            let began = (times.dts == av_no_time ? times.pts : times.dts).rescaled(
                from: passage.base, to: AV.nanoseconds)
            if began != av_no_time, began - start > time { return }
            next = nil
            if began != av_no_time, began >= end {
                isAtEnd = began - InputContainer.longestPacket >= end
                continue
            }
            try pass(packet, by: passage)
        }
    }

    /// Writes the rest.
    func finish() throws(MediaError) {
        try write(until: .max)
        for (_, passage) in passages.sorted(by: { $0.key < $1.key }) {
            try passage.encoder?.encode(nil) { packet throws(MediaError) in
                try write(packet, passage.encoder?.timeBase ?? passage.base, passage)
            }
            try passage.steady?.pass(nil, passage.base) { packet, base throws(MediaError) in
                try write(packet, base, passage)
            }
            if passage.steady?.hasChanged == true {
                say("\(passage.name): changes its rate or channels in mid-stream, and is encoded anew there")
            }
            if let texts = passage.subtitles?.tooLongCount, texts > 0 {
                say("\(passage.name): \(texts == 1 ? "a text is" : "\(texts) texts are") too long, and left out")
            }
            let count = output.leftOutCount(of: passage.target) + (passage.encoder?.damagedCount ?? 0)
            if count > 0 {
                let packets = count == 1 ? "a packet is" : "\(count) packets are"
                say("\(passage.name): \(packets) damaged or out of order, and left out")
            }
        }
    }

    /// Whether a packet is none of the part that is taken. What comes before it is read from the last place to seek to; an
    /// edit list has it and what comes after it. A sound's lead-in stays: its decoder begins there.
    private func isCut(_ packet: Packet, by passage: Passage) -> Bool {
        let times = packet.pointer.pointee
        guard times.pts != av_no_time else { return false }
        let ends = (times.pts + max(times.duration, 1)).rescaled(from: passage.base, to: AV.nanoseconds) - start
        if isSeeking { return ends <= (passage.encoder == nil ? 0 : -Self.longestLead) }
        return times.flags & AV_PKT_FLAG_DISCARD != 0 && !(-Self.longestLead...0).contains(ends)
    }

    /// In nanoseconds; the longest of a usual codec.
    private static let longestLead: Int64 = 100_000_000

    private func pass(_ packet: Packet, by passage: Passage) throws(MediaError) {
        if isCut(packet, by: passage) { return }
        packet.shift(by: -start.rescaled(from: AV.nanoseconds, to: passage.base))
        if let encoder = passage.encoder {
            return try encoder.encode(packet) { packet throws(MediaError) in
                try write(packet, encoder.timeBase, passage)
            }
        }
        guard !isSeeking || fit(packet, passage) else { return }
        if let steady = passage.steady {
            return try steady.pass(packet, passage.base) { packet, base throws(MediaError) in
                try write(packet, base, passage)
            }
        }
        guard let subtitles = passage.subtitles else { return try write(packet, passage.base, passage) }
        if let packet = try subtitles.encode(packet) { try write(packet, passage.base, passage) }
    }

    /// Has a packet that is copied begin at 0 or later, and end with the part that is taken.
    ///
    /// - Returns: false if it cannot.
    private func fit(_ packet: Packet, _ passage: Passage) -> Bool {
        guard packet.pointer.pointee.pts != av_no_time else { return true }
        let parameters = passage.target.pointee.codecpar.pointee
        let end = length == .max ? length : length.rescaled(from: AV.nanoseconds, to: passage.base)
        if parameters.codec_type == AVMEDIA_TYPE_SUBTITLE {
            packet.cutTimes(to: end)
            return true
        }
        if packet.cutSamples(to: end, base: passage.base, parameters) { return packet.pointer.pointee.size > 0 }
        // MP4 has edit lists for what comes before 0; other muxers would move all streams.
        let delay = passage.delay.rescaled(from: AV.nanoseconds, to: passage.base)
        return ![.mkv, .webm].contains(container) || packet.pointer.pointee.pts + delay >= 0
    }

    /// - Parameter base: of the packet's times.
    private func write(_ packet: Packet, _ base: AVRational, _ passage: Passage) throws(MediaError) {
        packet.rescale(from: base, to: passage.target.pointee.time_base)
        packet.shift(by: passage.delay.rescaled(from: AV.nanoseconds, to: passage.target.pointee.time_base))
        try output.write(packet, to: passage.target)
    }
}

extension UnsafeMutablePointer<AVStream> {
    /// The name of the codec, or the letters that a container has in its place.
    fileprivate var codecName: String {
        let codec = pointee.codecpar.pointee.codec_id
        let letters = (0..<4).map { UInt8(truncatingIfNeeded: pointee.codecpar.pointee.codec_tag >> (8 * $0)) }
        if ![AV_CODEC_ID_NONE, AV_CODEC_ID_BIN_DATA].contains(codec) { return AV.name(of: codec) }
        return letters.allSatisfy { (0x20..<0x7F).contains($0) } ? String(decoding: letters, as: UTF8.self) : "unknown"
    }

    /// Whether it has what the container writes by itself, or what has no meaning without a disc: the titles of chapters, which
    /// libavformat reads before, a time code, or a menu.
    fileprivate var isWrittenAnew: Bool {
        pointee.discard == AVDISCARD_ALL || codecName == "tmcd"
            || pointee.codecpar.pointee.codec_id == AV_CODEC_ID_DVD_NAV
    }
}
