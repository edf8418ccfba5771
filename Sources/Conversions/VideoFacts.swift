import CAVFormat
import MediaIO
import Support

extension MediaInput {
    /// Inspects a video, a picture, or the first frame of a sequence.
    ///
    /// - Parameter keepsGoing: whether files of a series that are missing or damaged are left out.
    /// - Throws: if there is no such file, it is neither a video nor an image, or a decoder is missing.
    public init(_ path: String, keepsGoing: Bool = false) throws(MediaError) {
        readPicturesOfAllFormats()
        try self.init(path, keepsGoing: keepsGoing, video: VideoFacts.init(of:))
    }

    /// Inspects a copy of what `path` names.
    public init(_ path: String, from copy: UnnamedFile) throws(MediaError) {
        readPicturesOfAllFormats()
        try self.init(path, from: copy, video: VideoFacts.init(of:))
    }
}

extension MediaInput.VideoFacts {
    /// Nil if libavformat does not know the file, or knows it as a picture.
    ///
    /// - Throws: if it has no moving pictures, or no decoder for them.
    fileprivate init?(of path: String) throws(MediaError) {
        let container: InputContainer
        do {
            container = try InputContainer(path, at: path)
        } catch {
            // GStreamer would try for seconds to find a picture in a damaged video.
            guard let format = InputContainer.likelyFormat(of: path) else { return nil }
            let words = error.description.dropFirst(path.count + 2)
            throw .notMedia(path, "\(format): \(words)")
        }
        if container.isPicture { return nil }
        let video = try container.pictures()
        let parameters = video.pointee.codecpar.pointee
        guard avcodec_find_decoder(parameters.codec_id) != nil else {
            throw MediaError(
                "\(path): libavcodec has no decoder for its pictures (\(AV.name(of: parameters.codec_id)))")
        }
        guard parameters.width > 0 && parameters.height > 0 else { throw .notMedia(path, "its frames have no size") }
        self.init()
        (width, height) = (Int(parameters.width), Int(parameters.height))
        let aspect = container.pixelAspectRatio()
        pixelAspectRatio = Double(aspect.num) / Double(aspect.den)
        if ["90r", "90l", "ul-lr", "ur-ll"].contains(container.direction) {
            swap(&width, &height)
            pixelAspectRatio = 1 / pixelAspectRatio
        }
        let rate = container.frameRate
        if rate.num > 0 && rate.den > 0 { frameRate = Double(rate.num) / Double(rate.den) }
        duration = container.videoDuration ?? container.duration
        isInterlaced = container.isInterlaced
        sound = container.streams.first { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO }
            .map { AV.name(of: $0.pointee.codecpar.pointee.codec_id) }
    }
}
