import CAVFormat
import MediaIO
import Support

/// The ways to write what comes out of the elements.
extension Conversion {
    func writeVideo(
        _ format: VideoContainer, _ poll: (Progress) -> Pipeline.Verdict
    ) throws(MediaError) {
        let location = file?.temporaryPath ?? MediaOutput.standard
        let video = VideoFile(
            format, at: location, name: outputPath, timeBase: timeBase, passing: { self.passing },
            tags: { self.partTags })
        var skipped = 0
        while true {
            let sample = try pipeline.pullSample(from: "sink") { () throws(MediaError) in try check(poll) }
            guard let sample else { break }
            defer { sample.release() }
            // The encoder's parser forgets how long frames of a varying rate are shown.
            let shown = sample.runningTimes.shown
            let duration = shown.flatMap { input.durationOfFrame(at: $0, pictures) }
            if let part = settings.part, let shown, !part.holds(shown) {
                skipped += 1
                continue
            }
            let alpha =
                self.alpha.coding == .secondStream
                ? try pipeline.pullSample(from: "alpha") { () throws(MediaError) in try check(poll) } : nil
            defer { alpha?.release() }
            let addition = settings.part == nil ? nil : block(of: sample, shown: shown ?? 0).bytes
            try video.write(sample, duration: duration, alpha: alpha, addition: addition)
        }
        try video.finish(expected: counter.progress.frames - skipped)
        notes += video.notes + [steadySize?.note].compactMap { $0 }
    }

    func writePlain(_ format: PlainFormat, _ poll: (Progress) -> Pipeline.Verdict) throws(MediaError) {
        let frames = try PlainFrames(format, at: file?.temporaryPath ?? MediaOutput.standard, name: outputPath)
        while true {
            let sample = try pipeline.pullSample(from: "sink") { () throws(MediaError) in try check(poll) }
            guard let sample else { break }
            defer { sample.release() }
            try frames.write(sample)
        }
        try frames.finish(expected: counter.progress.frames)
        notes += [steadySize?.note, format == .raw ? frames.description : nil].compactMap { $0 }
    }

    func writeFrames(_ pattern: FramePattern, _ poll: (Progress) -> Pipeline.Verdict) throws(MediaError) {
        var number = 1
        if case .frames(_, let numbers) = input.kind { number = numbers.lowerBound }
        while true {
            let sample = try pipeline.pullSample(from: "sink") { () throws(MediaError) in try check(poll) }
            guard let sample else { return }
            defer { sample.release() }
            let (bytes, size) = (sample.bytes(), outputSize)
            let image =
                spherical?.written(intoImage: bytes, width: size.width, height: size.height) ?? bytes
            // Those of a series keep their numbers, also behind one that is left out.
            if case .frames(_, let numbers) = input.kind, let time = sample.runningTimes.shown {
                number = numbers.lowerBound + pictures.place(at: time)
            }
            let path = pattern.path(number)
            try MediaError.wrapping { () throws(FileError) in
                try WholeFile.write(image, to: path, replacing: settings.replacing)
            }
            number += 1
        }
    }

    private func block(of sample: Sample, shown: Int64) -> PartBlock {
        let bytes = sample.bytes()
        return PartBlock(
            shown: shown, duration: sample.duration, checksum: PartBlock.checksum(of: bytes, count: bytes.count))
    }
}
