import Imaging
import MediaIO
import Support

/// Names of pictures that replace none.
enum PictureName {
    /// Writes a picture under a name, with a number if that is taken.
    ///
    /// - Parameter image: in picture space.
    /// - Returns: its path.
    /// - Throws: if it cannot be written.
    static func write(_ image: Image, as wanted: String) throws(MediaError) -> String {
        for number in 1...10_000 {
            let path = RecordingFile.numbered(wanted, number)
            if Files.isThere(path) { continue }
            do throws(MediaError) {
                try image.write(to: path)
                return path
            } catch {
                // Another one may have taken the name meanwhile.
                guard Files.isThere(path) else { throw error }
            }
        }
        throw MediaError("\(wanted): there are 10000 pictures of this name; move some away")
    }
}
