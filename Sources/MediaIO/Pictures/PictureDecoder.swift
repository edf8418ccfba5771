import Support

/// Reads the pictures of one file: one, or the frames of an animation.
package protocol PictureDecoder {
    /// As stored, in pixels.
    var width: Int { get }
    /// As stored, in pixels.
    var height: Int { get }
    /// Exif's number for what is to be done to look at the picture, 1...8.
    var orientation: Int { get }
    /// The ICC profile of the pictures' colors; nil if they are in sRGB.
    var profile: [UInt8]? { get }
    /// How long each frame is shown, in nanoseconds; empty if the file has one picture.
    var durations: [Int64] { get }
    /// How many pictures or pages the file has, of which only the first is read.
    var pageCount: Int { get }

    /// The next picture, as stored.
    ///
    /// - Throws: if the file is damaged. Not called more often than there are pictures.
    mutating func next() throws(MediaError) -> Picture
}

extension PictureDecoder {
    package var orientation: Int { 1 }
    package var profile: [UInt8]? { nil }
    package var durations: [Int64] { [] }
    package var pageCount: Int { 1 }
}
