import CAVFormat
import MediaIO

/// What the input gives to the output, beside its frames.
extension Conversion {
    /// What is written into files to which libavformat does not write it: QuickTime's and pictures.
    static func keptProjection(
        of input: MediaInput, in output: MediaOutput, _ settings: Settings
    ) -> SphericalMetadata? {
        guard settings.keepsProjection else { return nil }
        if case .video(let container) = output, container != .mov { return nil }
        let found = try? SphericalMetadata.read(ofFirstFileIn: input)
        return found?.isStereo == false ? found : nil
    }

    /// How pictures are read.
    static func pictureSettings(_ settings: Settings, isVideo: Bool) -> PictureSettings {
        var pictures = PictureSettings(
            frameRate: settings.frameRate, start: settings.start, duration: settings.duration)
        pictures.isOneSize = isVideo && settings.size == nil
        pictures.keepsGoing = settings.keepsGoing
        return pictures
    }

    /// What the input gives to the output, beside its frames.
    var passing: VideoFile.Passing? {
        guard let container, settings.part == nil else { return nil }
        let isPart = settings.start != nil || settings.duration != nil
        return VideoFile.Passing(
            input: container, sounds: settings.sounds, subtitles: settings.subtitles,
            sideData: sideData,
            start: container.start + Int64((settings.start ?? 0) * 1e9),
            duration: settings.duration.map { Int64($0 * 1e9) }, isSeeking: isPart)
    }

    /// Of a part, with the caps of its frames.
    var partTags: [(name: String, value: String)] {
        guard let part = settings.part else { return [] }
        return part.tags + [(FilmPart.capsTag, pipeline.caps(before: "encoder") ?? "")]
    }

    /// What still holds for the painted pictures. Decoders know of some only from the first frame on.
    private var sideData: [SideData] {
        SideData.merged(container?.video.map(SideData.all(of:)) ?? [], frames?.sideData ?? [])
            .filter { $0.isOfDisplay ? settings.keepsHDR : settings.keepsProjection }
    }

    /// Of the output's frames: as in the input.
    var timeBase: AVRational {
        if let base = container?.video?.pointee.time_base { return base }
        // Animations count in hundredths or thousandths of a second, or in fractions such as 1/30.
        if input.kind == .video { return AVRational(num: 1, den: 90_000) }
        let parts = settings.frameRate.split(separator: "/").compactMap { Int32($0) }
        return parts.count == 2 && parts[0] > 0 && parts[1] > 0
            ? AVRational(num: parts[1], den: parts[0]) : AVRational(num: 1, den: 90_000)
    }
}
