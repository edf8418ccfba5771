import CAVFormat
import MediaIO

/// The streams of an input beside its pictures, on their way into an output: sounds, subtitles and attachments, copied
/// where the container holds their codec.
final class PassedStreams {
    private struct Passage {
        /// Of the input's times.
        let base: AVRational
        let target: UnsafeMutablePointer<AVStream>
        /// Nil: packets are copied.
        var encoder: SoundEncoder?
        var subtitles: SubtitleEncoder?
        /// Added to the times, in nanoseconds.
        var delay: Int64 = 0
    }

    private let input: InputContainer
    private let output: OutputContainer
    private var passages: [Int32: Passage] = [:]
    /// The part of the input's time that is taken, in nanoseconds; it becomes 0 and later.
    private let (start, end): (Int64, Int64)
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
        let taken = try Self.taken(of: passing)
        for stream in input.streams where taken.contains(stream) { try add(stream, container) }
        input.select(Set(passages.keys))
        if isSeeking { input.seek(toNanoseconds: start) }
        output.takeTagsAndChapters(of: input, from: start)
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

    private func add(_ stream: UnsafeMutablePointer<AVStream>, _ container: VideoContainer) throws(MediaError) {
        let parameters = stream.pointee.codecpar
        guard let type = parameters?.pointee.codec_type, let codec = parameters?.pointee.codec_id, let parameters else {
            return
        }
        let kind: String
        switch type {
        case AVMEDIA_TYPE_AUDIO: kind = "sound"
        case AVMEDIA_TYPE_SUBTITLE: kind = "subtitles"
        case AVMEDIA_TYPE_ATTACHMENT: kind = "attachment"
        case AVMEDIA_TYPE_VIDEO: kind = "further pictures"
        // Chapters and timecodes are written anew by the container.
        default: return
        }
        var passage: Passage?
        let what = "\(kind) (\(AV.name(of: codec)))"
        if type == AVMEDIA_TYPE_ATTACHMENT ? container == .mkv : type != AVMEDIA_TYPE_VIDEO && output.holds(codec) {
            passage = Passage(
                base: stream.pointee.time_base, target: try output.add(parameters, timeBase: stream.pointee.time_base))
        } else if type == AVMEDIA_TYPE_AUDIO || type == AVMEDIA_TYPE_SUBTITLE {
            passage = type == AVMEDIA_TYPE_AUDIO ? encoded(stream, container) : rewritten(stream, container)
            if passage != nil { notes.append("\(what): encoded anew, as .\(container.rawValue) does not hold it") }
        }
        guard var passage else {
            if type == AVMEDIA_TYPE_VIDEO { return notes.append("\(what): left out") }
            notes.append("\(what): left out, as .\(container.rawValue) does not hold it")
            return
        }
        passage.delay = Self.delay(of: passage.target.pointee.codecpar.pointee, container)
        passage.target.pointee.disposition = stream.pointee.disposition
        av_dict_copy(&passage.target.pointee.metadata, stream.pointee.metadata, 0)
        passages[stream.pointee.index] = passage
    }

    /// Readers of Matroska take a codec's delay off the times, which libavformat does not add when it writes.
    private static func delay(of parameters: AVCodecParameters, _ container: VideoContainer) -> Int64 {
        guard [.mkv, .webm].contains(container), parameters.codec_id == AV_CODEC_ID_OPUS, parameters.sample_rate > 0
        else {
            return 0
        }
        return Int64(parameters.initial_padding) * 1_000_000_000 / Int64(parameters.sample_rate)
    }

    private func encoded(_ stream: UnsafeMutablePointer<AVStream>, _ container: VideoContainer) -> Passage? {
        let codec = container == .webm ? AV_CODEC_ID_OPUS : AV_CODEC_ID_AAC
        guard
            let encoder = try? SoundEncoder(
                of: stream, as: codec, globalHeaders: output.wantsGlobalHeaders, name: input.path),
            let target = try? output.add(encoder.parameters, timeBase: encoder.timeBase)
        else { return nil }
        return Passage(base: stream.pointee.time_base, target: target, encoder: encoder)
    }

    private func rewritten(_ stream: UnsafeMutablePointer<AVStream>, _ container: VideoContainer) -> Passage? {
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
        return Passage(base: stream.pointee.time_base, target: target, subtitles: encoder)
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
            if began != av_no_time, began >= end { continue }
            try pass(packet, by: passage)
        }
    }

    /// Writes the rest.
    func finish() throws(MediaError) {
        try write(until: .max)
        for passage in passages.values {
            guard let encoder = passage.encoder else { continue }
            for packet in try encoder.encode(nil) { try write(packet, encoder.timeBase, passage) }
        }
    }

    /// Whether a packet is none of the part that is taken. What comes before it is read from the last place to seek to; an
    /// edit list has it and what comes after it. A sound's lead-in stays: its decoder begins there.
    private func isCut(_ packet: Packet, of base: AVRational) -> Bool {
        let times = packet.pointer.pointee
        guard times.pts != av_no_time else { return false }
        let ends = (times.pts + max(times.duration, 1)).rescaled(from: base, to: AV.nanoseconds) - start
        if isSeeking { return ends <= 0 }
        return times.flags & AV_PKT_FLAG_DISCARD != 0 && !(-Self.longestLead...0).contains(ends)
    }

    /// In nanoseconds; the longest of a usual codec.
    private static let longestLead: Int64 = 100_000_000

    private func pass(_ packet: Packet, by passage: Passage) throws(MediaError) {
        let base = passage.base
        if isCut(packet, of: base) { return }
        let shift = start.rescaled(from: AV.nanoseconds, to: base)
        let times = packet.pointer.pointee
        if times.pts != av_no_time { packet.pointer.pointee.pts -= shift }
        if times.dts != av_no_time { packet.pointer.pointee.dts -= shift }
        if let subtitles = passage.subtitles {
            if let packet = try subtitles.encode(packet) { try write(packet, base, passage) }
            return
        }
        guard let encoder = passage.encoder else { return try write(packet, base, passage) }
        for packet in try encoder.encode(packet) { try write(packet, encoder.timeBase, passage) }
    }

    private func write(_ packet: Packet, _ base: AVRational, _ passage: Passage) throws(MediaError) {
        packet.rescale(from: base, to: passage.target.pointee.time_base)
        let delay = passage.delay.rescaled(from: AV.nanoseconds, to: passage.target.pointee.time_base)
        if packet.pointer.pointee.pts != av_no_time { packet.pointer.pointee.pts += delay }
        if packet.pointer.pointee.dts != av_no_time { packet.pointer.pointee.dts += delay }
        try output.write(packet, to: passage.target)
    }
}
