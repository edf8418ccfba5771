import Conversions
import MediaIO

/// What the ending of a file name says about its content.
enum MediaNames {
    /// Pictures that may move.
    private static let either: Set<String> = ["apng", "avif", "gif", "webp"]

    /// Whether it is the name of a video or a picture. A file whose ending is that of sounds, too, is looked into.
    ///
    /// - Parameter folder: of the file, with its slash.
    static func isMedia(_ name: String, in folder: String) -> Bool {
        let ending = FileName.ending(of: name)
        if VideoEndings.ambiguous.contains(ending) { return VideoEndings.hasPictures(folder + name) }
        return VideoEndings.all.contains(ending) || PictureEndings.all.contains(ending)
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
        let isPicture = PictureEndings.all.contains(ending) && !either.contains(ending)
        let isStill = isPicture ? true : VideoEndings.all.contains(ending) ? false : try isStill()
        let stem = ending.isEmpty ? name[...] : name.dropLast(ending.utf8.count + 1)
        return stem + (isStill ? ".png" : ".mp4")
    }
}
