import Glibc
import MediaIO
import Support

extension FramePattern {
    /// Checks what can be known of a series of outputs before the work.
    ///
    /// - Throws: if a file of it exists and may not be replaced, its folder cannot be written, or it is the input.
    func checkOutput(from input: MediaInput, replacing: Bool) throws(MediaError) {
        // The exact number of frames in a video is known only at its end.
        var numbers = 1...Int(Int32.max)
        if case .frames(let frames, let given) = input.kind {
            numbers = given
            if let same = given.first(where: { Files.areSame(frames.path($0), path($0)) }) {
                throw MediaError("\(path(same)): is the input; name another output")
            }
        }
        if !replacing, let taken = numbersPresent.filter(numbers.contains).min() {
            throw .system(EEXIST, "write", path(taken))
        }
        let first = path(numbers.lowerBound)
        try MediaError.wrapping { () throws(FileError) in try WholeFile(first, replacing: replacing).discard() }
    }
}
