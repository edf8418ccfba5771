import MediaIO

/// Whether all frames of a video came, at its end.
struct Wholeness {
    let input: MediaInput
    let container: InputContainer
    let frames: VideoFrames
    /// Number of frames that came out of the elements.
    let done: Int

    /// Throws if a video ends well before its duration, since demuxers do not report truncated files, or if its last
    /// frames could not be decoded.
    func check() throws(MediaError) {
        let (decoded, reached) = frames.reached
        if reached > 0, let duration = container.durationMissed(endingAt: reached) {
            throw MediaError(
                "\(input.path): is cut short or damaged: ends after \(seconds(reached)) of \(seconds(duration)) seconds\(missing); "
                    + "--duration \(seconds(reached)) takes what is there")
        }
        if reached > decoded + 2 * length + 0.25 {
            throw MediaError(
                "\(input.path): is damaged: only \(seconds(decoded)) of \(seconds(reached)) seconds could be decoded\(missing); "
                    + "--duration \(seconds(decoded)) takes them")
        }
        if let (missing, all) = frames.census.mostlyMissing {
            throw MediaError(
                "\(input.path): is cut short: \(missing) of \(all) frames are missing; --duration \(seconds(reached)) takes "
                    + "what is there")
        }
    }

    /// How many frames are missing, at the end or in between; nil if none is.
    ///
    /// - Parameter isWhole: whether the whole file was read.
    func note(isWhole: Bool) -> String? {
        let endsEarly = container.videoDuration.map { frames.reached.read < $0 - 2.5 * length } ?? false
        return frames.census.note(isWhole: isWhole, endsEarly: endsEarly).map { "\(input.path): \($0)" }
    }

    /// Of a frame, in seconds.
    private var length: Double { input.frameRate.map { 1 / $0 } ?? 0.1 }

    /// How many frames are missing at the end, in words; empty if that is not known.
    private var missing: String {
        if let count = container.videoFrameCount, count > done {
            return ", \(count - done) of \(count) frames are missing"
        }
        guard let count = input.frameCount, count > done else { return "" }
        return ", about \(count - done) of \(count) frames are missing"
    }

    private func seconds(_ value: Double) -> String { String((value * 100).rounded() / 100) }
}
