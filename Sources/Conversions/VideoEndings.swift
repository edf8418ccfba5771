import CAVFormat

/// Endings of the names of videos.
public enum VideoEndings {
    /// In lower case: those that libavformat writes videos under, and further ones of formats that it reads.
    public static let all: Set<String> = {
        var endings = further
        var place: UnsafeMutableRawPointer?
        while let format = av_muxer_iterate(&place)?.pointee {
            guard format.video_codec != AV_CODEC_ID_NONE, let name = format.name, let list = format.extensions,
                !others.contains(String(cString: name))
            else { continue }
            endings.formUnion(String(cString: list).lowercased().split(separator: ",").map(String.init))
        }
        return endings.subtracting(sounds)
    }()

    /// Those that are more often endings of sounds.
    public static let ambiguous: Set<String> = ["ogg", "ogx"]

    private static let further: Set<String> = [
        "264", "265", "3gpp", "avc", "bik", "dav", "dif", "divx", "evo", "flc", "fli", "h26l", "ism", "ivr", "m2p",
        "mj2", "mk3d", "mp4v", "mpe", "mpv", "nsv", "ogm", "ogx", "qt", "rmvb", "smk", "tod", "trp", "ty", "viv", "wm",
        "xvid",
    ]
    private static let sounds: Set<String> = ["isma", "m4a", "m4b", "ra", "wma"]
    /// Formats of sounds with covers, of pictures, lists of other files, and pixels without a header.
    private static let others: Set<String> = [
        "aiff", "apng", "avif", "dash", "fits", "flac", "gif", "hls", "ico", "image2", "image2pipe", "mp3", "rawvideo",
        "webp",
    ]

    /// Whether a file has moving pictures.
    public static func hasPictures(_ path: String) -> Bool {
        (try? InputContainer(path, at: path))?.video != nil
    }
}
