import MediaIO
import Support

/// What can be known to be wrong before the work.
extension Conversion {
    /// - Throws: if the input cannot become the output.
    static func check(
        _ input: MediaInput, _ output: MediaOutput, _ path: String, _ settings: Settings
    ) throws(MediaError) {
        switch (input.kind, output) {
        case (.still, .video), (.still, .plain):
            throw MediaError("\(path): \(input.path) is a still picture; write it as .png, .jpg or .ppm")
        case (.video, .still), (.frames, .still):
            throw MediaError(
                "\(path): \(input.path) has many frames; name a video, or a pattern such as frame_%04d.png")
        default: break
        }
        if case .video(let container) = output, ![.mkv, .webm].contains(container), Files.isPipe(path) {
            throw MediaError(
                "\(path): is a pipe, into which .\(container.rawValue) cannot be written; name it .mkv, or -o -")
        }
        if case .frames = output {
        } else if Files.areSame(input.path, path) {
            throw MediaError("\(path): is the input; name another output")
        }
        if input.kind != .video && (settings.start != nil || settings.duration != nil) {
            throw MediaError("\(input.path): is no video, so it has no times to start at or to last")
        }
    }

    /// - Parameters:
    ///   - size: of the output's frames.
    ///   - isGiven: whether it was asked for, and may be one that no picture has.
    /// - Throws: if the output cannot have frames of the size.
    static func checkSize(
        _ size: (width: Int, height: Int), isGiven: Bool, _ output: MediaOutput, _ path: String
    ) throws(MediaError) {
        let words = "frames of \(size.width) x \(size.height)"
        guard !isGiven || max(size.width, size.height) <= RequestedSize.largestSide else {
            throw MediaError(
                "\(path): would have \(words), and the most is \(RequestedSize.largestSide) a side; say both sides, as in "
                    + "--size 640x360")
        }
        guard case .video(let container) = output else { return }
        if min(size.width, size.height) < container.smallestSide {
            throw MediaError("\(path): H.264 has no \(words), the least is 16 x 16; write .webm or .png")
        }
        if max(size.width, size.height) > container.largestSide {
            throw MediaError("\(path): H.264 has no \(words), the most is 16384 a side; write .webm or .png")
        }
    }

    /// The output, under a temporary name; nil if it has none: a series of pictures, or standard output.
    ///
    /// - Throws: if it cannot be written, or is there and may not be replaced.
    static func reserved(
        _ output: MediaOutput, at path: String, from input: MediaInput, _ settings: Settings
    ) throws(MediaError) -> WholeFile? {
        if path == MediaOutput.standard {
            guard settings.spherical == nil else {
                throw MediaError("\(path): 360-degree metadata cannot be written to standard output; name a file")
            }
            return nil
        }
        if case .frames(let pattern) = output {
            try pattern.checkOutput(from: input, replacing: settings.replacing)
            return nil
        }
        return try MediaError.wrapping { () throws(FileError) in
            try WholeFile(FramePattern.literal(path), replacing: settings.replacing)
        }
    }
}
