import CAVFormat
import MediaIO

/// The alpha of moving AVIF pictures, which is a video of its own with a frame for each of theirs.
final class AlphaTrack {
    private let decoder: VideoDecoder
    private let converter: FrameConverter
    private let path: String

    /// - Parameters:
    ///   - start: as for the pictures, and `duration`, too.
    /// - Returns: nil if the input has no such alpha.
    /// - Throws: if its codec is not known.
    init?(of input: MediaInput, start: Int64?, duration: Int64?) throws(MediaError) {
        let container = try InputContainer(input.path, at: input.location)
        guard let stream = container.alphaTrack else { return nil }
        path = input.path
        decoder = try VideoDecoder(container, of: stream, start: start, duration: duration)
        converter = FrameConverter(name: path)
    }

    /// The next picture of the video with its alpha, valid until the next one is.
    ///
    /// - Throws: if there is no alpha for it, or that has another size.
    func join(_ picture: VideoDecoder.Picture) throws(MediaError) -> VideoDecoder.Picture {
        let frame = try converter.convert(picture.frame, to: .rgba)
        guard let alpha = try decoder.picture(as: .gray), let source = alpha.pointee.data.0,
            let target = frame.pointee.data.0, alpha.pointee.width == frame.pointee.width,
            alpha.pointee.height == frame.pointee.height
        else { throw .notMedia(path, "the alpha of a frame is missing") }
        for y in 0..<Int(frame.pointee.height) {
            let (row, alphas) = (
                target + y * Int(frame.pointee.linesize.0), source + y * Int(alpha.pointee.linesize.0)
            )
            for x in 0..<Int(frame.pointee.width) { row[4 * x + 3] = alphas[x] }
        }
        return VideoDecoder.Picture(frame: frame, format: .rgba, time: picture.time, duration: picture.duration)
    }
}
