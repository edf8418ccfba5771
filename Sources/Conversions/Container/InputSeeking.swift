import CAVFormat
import MediaIO

/// Places in a file.
extension InputContainer {
    /// Whether a place can be found by its time. Otherwise the file is read from its beginning, which is fast beside decoding.
    private var isSeekable: Bool { !mayJump && !has(AVFMT_NOTIMESTAMPS) }

    /// Goes on at a place from which the pictures that are shown at a time can be decoded. Only pictures are selected.
    func seek(toNanoseconds time: Int64) {
        guard isSeekable else { return skipPictures(to: time) }
        if let place = keyFramePlace(before: time) { seek(to: place) }
    }

    /// Goes on well before a time, for streams of all kinds.
    func seekBroadly(toNanoseconds time: Int64) {
        let place = (time - Self.longestPacket) / 1000
        if isSeekable, place * 1000 > start { seek(to: place) }
    }

    /// In nanoseconds; also how far apart packets of the same time may lie in a file.
    static let longestPacket: Int64 = 10_000_000_000

    /// - Parameter place: in microseconds.
    @discardableResult
    private func seek(to place: Int64) -> Bool { avformat_seek_file(context, -1, .min, place, place, 0) >= 0 }

    /// A time in microseconds at which a seek leads to a key frame before `time`: not all formats seek to key frames. Nil: only the
    /// beginning of the file is one.
    private func keyFramePlace(before time: Int64) -> Int64? {
        guard let video, let probe = try? InputContainer(path, at: location) else { return nil }
        probe.select([video.pointee.index])
        var distance: Int64 = 0
        while time - distance > start {
            let place = (time - distance) / 1000
            guard probe.seek(to: place) else { return nil }
            if probe.comesToKeyFrame(before: time) { return place }
            distance = max(2 * distance, 1_000_000_000)
        }
        return nil
    }

    private func comesToKeyFrame(before time: Int64) -> Bool {
        while let packet = try? next() {
            if isKeyFrame(packet, before: time) { return true }
            if let decoded = timeOfDecoding(packet), decoded > time { return false }
        }
        return false
    }

    private func isKeyFrame(_ packet: Packet, before time: Int64) -> Bool {
        let packet = packet.pointer.pointee
        guard packet.flags & AV_PKT_FLAG_KEY != 0, let base = stream(of: packet)?.pointee.time_base else {
            return false
        }
        let shown = (packet.pts == av_no_time ? packet.dts : packet.pts).rescaled(from: base, to: AV.nanoseconds)
        return shown != av_no_time && shown <= time
    }

    /// In nanoseconds; nil if it has none.
    private func timeOfDecoding(_ packet: Packet) -> Int64? {
        let packet = packet.pointer.pointee
        let time = packet.dts == av_no_time ? packet.pts : packet.dts
        guard time != av_no_time, let base = stream(of: packet)?.pointee.time_base else { return nil }
        return time.rescaled(from: base, to: AV.nanoseconds)
    }

    /// Reads on to the last key frame before a time. It is known when the time has come; what was read until then waits.
    private func skipPictures(to time: Int64) {
        var packets: [Packet] = []
        var size = 0
        while size < Self.largestGroup, let packet = try? next() {
            if isKeyFrame(packet, before: time) { (packets, size) = ([], 0) }
            packets.append(packet)
            size += Int(packet.pointer.pointee.size)
            // Without times the frames are counted when they are decoded.
            guard let decoded = timeOfDecoding(packet), decoded <= time else { break }
        }
        waiting = packets.reversed()
    }

    /// Bytes of a key frame and those that follow. More are not kept, but decoded.
    private static let largestGroup = 1 << 27
}
