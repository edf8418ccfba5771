import MediaIO

/// What the ending of a file name says about its content.
enum MediaNames {
    private static let videos: Set<String> = [
        "3gp", "asf", "avi", "dv", "f4v", "flv", "m2ts", "m2v", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf",
        "ogv", "ts", "vob", "webm", "wmv", "y4m",
    ]
    private static let pictures: Set<String> = [
        "bmp", "exr", "heic", "jpe", "jpeg", "jpg", "jxl", "pbm", "pgm", "png", "pnm", "ppm", "tga", "tif", "tiff",
    ]
    /// Pictures that may move.
    private static let either: Set<String> = ["apng", "avif", "gif", "webp"]

    /// Whether it is the name of a video or a picture.
    static func isMedia(_ name: String) -> Bool {
        let ending = FileName.ending(of: name)
        return videos.contains(ending) || pictures.contains(ending) || either.contains(ending)
    }

    /// The name of the output of a file: its own where that can be written, with `.mp4` for another video and `.png`
    /// for another picture.
    ///
    /// - Parameter isStill: asked where the ending leaves it open.
    static func output<Failure>(
        of name: String, isStill: () throws(Failure) -> Bool
    ) throws(Failure) -> String {
        let ending = FileName.ending(of: name)
        if VideoContainer(rawValue: ending) != nil || ImageFormat(path: name) != nil { return name }
        let isStill = pictures.contains(ending) ? true : videos.contains(ending) ? false : try isStill()
        let stem = ending.isEmpty ? name[...] : name.dropLast(ending.utf8.count + 1)
        return stem + (isStill ? ".png" : ".mp4")
    }
}
