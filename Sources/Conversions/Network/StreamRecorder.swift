import CAVFormat
import Glibc
import MediaIO

/// Records a stream of the network, without encoding it anew.
public final class StreamRecorder {
    /// How much is recorded.
    public struct Progress: Sendable {
        /// Seconds of pictures.
        public fileprivate(set) var seconds = 0.0
        /// Bytes of all streams.
        public fileprivate(set) var bytes = 0

        /// Nothing.
        public init() {}
    }

    /// Why a recording ended.
    public enum End: Sendable, Equatable {
        /// The sender ended the stream, or its connection, for which there may be a cause in words.
        case sender(cause: String?)
        /// No data came any more.
        case silence
        /// All that was asked for is there.
        case length
        /// It was asked to end.
        case request
    }

    private let source: NetworkSource
    private let input: InputContainer
    private let output: OutputContainer
    private let video: Int32
    /// Ends the recording, in nanoseconds from the first picture.
    private let length: Int64
    private var tracks: [Int32: Track] = [:]
    /// The time that becomes 0: when the first picture is shown that can be decoded; nil before it.
    private var start: Int64?
    private var progress = Progress()
    /// What of the stream is not recorded, one line each.
    public private(set) var notes: [String] = []

    private struct Track {
        let base: AVRational
        let target: UnsafeMutablePointer<AVStream>
        var times = StreamTimes()
    }

    /// Sound may come that much later than the pictures of its time, in nanoseconds.
    private static let latestSound: Int64 = 500_000_000

    /// Finds what the stream holds, for which it reads some seconds of it.
    ///
    /// - Parameters:
    ///   - location: the path of the file that is written, as Matroska.
    ///   - seconds: to record; nil: to the end of the stream.
    /// - Throws: if it is no stream with moving pictures, no data come, or the source is asked to end.
    public init(_ source: NetworkSource, to location: String, seconds: Double? = nil) throws(MediaError) {
        self.source = source
        length = seconds.map { Int64($0 * 1e9) + Self.latestSound } ?? .max
        input = try InputContainer(source)
        guard !input.isPicture else {
            throw MediaError("\(source.address): is a picture; fetch it as a file first, such as by curl -o picture")
        }
        guard let stream = input.video else {
            throw MediaError("\(source.address): has no pictures\(input.streams.isEmpty ? "" : ", only sound")")
        }
        video = stream.pointee.index
        output = try OutputContainer(
            .mkv, at: location, name: "\(source.address): the recording cannot be written")
        for stream in input.streams { try add(stream) }
        try writing { () throws(MediaError) in try output.start() }
    }

    private func add(_ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        guard let parameters = stream.pointee.codecpar else { return }
        let codec = parameters.pointee.codec_id
        guard output.canKeep(parameters.pointee) else {
            let name = codec == AV_CODEC_ID_NONE ? "of an unknown kind" : "(\(AV.name(of: codec)))"
            return notes.append("a stream \(name): left out, as it cannot be recorded")
        }
        let target = try output.add(parameters, timeBase: stream.pointee.time_base)
        target.pointee.avg_frame_rate = stream.pointee.avg_frame_rate
        target.pointee.sample_aspect_ratio = stream.pointee.sample_aspect_ratio
        target.pointee.disposition = stream.pointee.disposition
        av_dict_copy(&target.pointee.metadata, stream.pointee.metadata, 0)
        tracks[stream.pointee.index] = Track(base: stream.pointee.time_base, target: target)
    }

    /// Records to the end, and completes the file.
    ///
    /// - Parameter show: called with each packet.
    /// - Throws: if the stream ends before a picture that can be decoded, or the file cannot be written.
    public func record(show: (Progress) -> Void) throws(MediaError) -> End {
        var end: End?
        while end == nil {
            source.watch.begin(NetworkSource.silenceLimit)
            let packet = try Packet()
            let result = input.read(into: packet)
            if result == 0 {
                if try !take(packet) { end = .length }
                show(progress)
            } else if start == nil, result != av_end_of_file {
                try source.check(result)
            } else {
                end = self.end(by: result)
            }
        }
        guard start != nil, let end else {
            throw MediaError("\(source.address): ended before a picture that can be decoded")
        }
        try writing { () throws(MediaError) in try output.finish() }
        return end
    }

    private func end(by result: Int32) -> End {
        switch source.watch.cause {
        case .request: .request
        case .silence: .silence
        case nil where result == -ETIMEDOUT: .silence
        // SRT has no other word for an ordinary end.
        case nil: .sender(cause: [av_end_of_file, -EIO].contains(result) ? nil : AV.text(of: result))
        }
    }

    /// Writes a packet; what is before the first picture that can be decoded is left out.
    ///
    /// - Returns: false if all that was asked for is there.
    private func take(_ packet: Packet) throws(MediaError) -> Bool {
        let index = packet.pointer.pointee.stream_index
        let isVideo = index == video
        guard var track = tracks[index],
            start != nil || isVideo && packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0
        else { return true }
        packet.rescale(from: track.base, to: AV.nanoseconds)
        let given = packet.pointer.pointee
        let times = track.times.next(
            shown: given.pts == av_no_time ? nil : given.pts, decoded: given.dts == av_no_time ? nil : given.dts,
            arrival: Int64(StreamWatch.now * 1e9), length: given.duration)
        tracks[index] = track
        let start = start ?? times.shown
        self.start = start
        // Sound from before it, and pictures that need one from before it.
        if times.shown < start { return true }
        packet.pointer.pointee.pts = times.shown &- start
        packet.pointer.pointee.dts = times.decoded &- start
        progress.bytes += Int(given.size)
        if isVideo { progress.seconds = max(progress.seconds, Double(packet.pointer.pointee.pts) / 1e9) }
        let isLast = isVideo && packet.pointer.pointee.dts >= length
        packet.rescale(from: AV.nanoseconds, to: track.target.pointee.time_base)
        try writing { () throws(MediaError) in try output.write(packet, to: track.target) }
        return !isLast
    }

    /// Runs `body`, and says of its errors where the recording is.
    private func writing(_ body: () throws(MediaError) -> Void) throws(MediaError) {
        do { try body() } catch {
            throw MediaError("\(error.description); TMPDIR names its folder")
        }
    }
}
