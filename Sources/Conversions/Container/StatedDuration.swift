import CAVFormat

/// How long a file should be.
extension InputContainer {
    /// The duration in seconds that the pictures should have; nil if they have about that, or the file does not say.
    ///
    /// - Parameter reached: the end of the last picture, in seconds from the beginning of the file.
    func durationMissed(endingAt reached: Double) -> Double? {
        func isShort(_ end: Double, of duration: Double) -> Bool { end < 0.8 * duration - 0.1 }
        // What libavformat has taken from the file's last packets is no other statement than theirs.
        guard context?.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM else { return nil }
        let own = videoDuration ?? taggedVideoDuration
        // An edit list may show a part of a track.
        guard let least = [own, duration].compactMap({ $0 }).min(), isShort(reached, of: least) else { return nil }
        // The file lasts as long as its longest stream, which may be a sound or subtitles. ASF says so of each stream.
        let isOfAll = own.map { $0 > 0.95 * (duration ?? 0) } ?? true
        return isOfAll && !isShort(lastEnd, of: least) ? nil : least
    }

    /// The duration of the pictures that Matroska's tags have, in seconds.
    private var taggedVideoDuration: Double? {
        guard let video, let tag = av_dict_get(video.pointee.metadata, "DURATION", nil, AV_DICT_IGNORE_SUFFIX),
            let text = tag.pointee.value
        else { return nil }
        let parts = String(cString: text).split(separator: ":").map { Double($0) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2] else { return nil }
        return hours * 3600 + minutes * 60 + seconds
    }

    /// The end of the last packet of all streams, in seconds from the beginning.
    private var lastEnd: Double {
        guard let file = try? InputContainer(path, at: location) else { return 0 }
        var last = file.start
        while let packet = try? file.next() {
            let times = packet.pointer.pointee
            let time = times.pts == av_no_time ? times.dts : times.pts
            guard time != av_no_time, let base = file.stream(of: times)?.pointee.time_base else { continue }
            last = max(last, (time + max(times.duration, 0)).rescaled(from: base, to: AV.nanoseconds))
        }
        return Double(last - file.start) / 1e9
    }
}
