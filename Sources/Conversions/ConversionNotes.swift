import MediaIO

/// What is said about a conversion, beside its result.
extension Conversion {
    /// What is said before the first frame.
    func firstNotes() throws(MediaError) -> [String] {
        // Whoever painted the parts has read the others.
        guard parts == nil else { return [] }
        var notes: [String] = []
        if input.isInterlaced, let interlacedNote { notes.append(interlacedNote) }
        if container?.isHDR == true {
            notes.append(
                settings.keepsHDR
                    ? "HDR frames: kept as they are; styles, which were trained with SDR, may look pale"
                    : "HDR frames: mapped to SDR; --keep-hdr keeps them as they are")
        }
        if case .plain(let format) = output, let passing {
            notes += try PassedStreams.losses(of: passing, in: format.rawValue)
        }
        return notes + input.remarks + [alpha.note].compactMap { $0 }
    }

    /// What is said after the last frame.
    var lastNotes: [String] {
        guard parts == nil else { return [] }
        let isWhole = settings.start == nil && settings.duration == nil && settings.part == nil
        var notes: [String?] = [skippedNote, wholeness?.note(isWhole: isWhole)]
        if !input.isInterlaced, frames?.isInterlaced == true { notes.append(interlacedNote) }
        notes.append(alpha.lateNote(hasCome: pictureFrames?.hasAlpha == true))
        return notes.compactMap { $0 }
    }

    private var interlacedNote: String? {
        [.auto, .fields].contains(settings.deinterlacing)
            ? "interlaced frames: made progressive; --deinterlace off keeps them as they are" : nil
    }

    /// Whether all of the input has come, at the end; nil if it has pictures only.
    var wholeness: Wholeness? {
        guard let frames, let container else { return nil }
        return Wholeness(input: input, container: container, frames: frames, done: counter.progress.frames)
    }

    private var skippedNote: String? {
        guard let skipped = pictureFrames?.skipped, let first = skipped.first else { return nil }
        let others = skipped.count > 1 ? " and \(skipped.count - 1) others" : ""
        return
            "\(skipped.count) of \(input.frameCount ?? 0) pictures are missing or damaged, and left out: \(first)\(others)"
    }

    /// Why there may be no frame, to follow that there is none.
    var startAdvice: String {
        guard let start = settings.start, let duration = input.duration, start >= duration else { return "" }
        return ": it ends after \(seconds(duration)) seconds, before --start"
    }

    private func seconds(_ value: Double) -> String {
        String((value * 100).rounded() / 100)
    }
}
