import MediaIO

extension Conversion {
    /// Options of a conversion.
    public struct Settings: Sendable {
        /// Frame size for the elements; nil: the input's size.
        public var size: RequestedSize?
        /// Start time in seconds; nil: the beginning.
        public var start: Double?
        /// Duration in seconds; nil: to the end.
        public var duration: Double?
        /// What is written, whatever the extension of the output.
        public var format = OutputFormat.auto
        /// Encoder quality, 1...100; 80 is visually almost lossless.
        public var quality = 80
        /// What is done with interlaced frames, of which each holds two moments.
        public var deinterlacing = Deinterlacing.auto
        /// Whether HDR frames stay as they are, in 10 bits; otherwise they are mapped to SDR.
        public var keepsHDR = false
        /// Bits of a video's values, 8 or 10.
        public var bitDepth = 8
        /// Whether files of a series that are missing or damaged are left out.
        public var keepsGoing = false
        /// Whether alpha is kept where the container holds it.
        public var keepsAlpha = true
        /// The sounds that are taken.
        public var sounds = StreamChoice.all
        /// The subtitles that are taken.
        public var subtitles = StreamChoice.all
        /// Frame rate of an image sequence as a fraction, in frames per second.
        public var frameRate = "25/1"
        /// Threads of the encoder; 0: all processors.
        public var threads = 0
        /// Whether existing outputs may be replaced.
        public var replacing = false
        /// Frame size behind the elements, if they change it.
        public var outputSize: (width: Int, height: Int)?
        /// 360-degree metadata to write to the output.
        public var spherical: SphericalMetadata?
        /// The frames of a film that are painted into a Matroska file without loss; nil: all, or those of the time range.
        public var part: FilmPart?
        /// Whether frames are seen as those of the input, so that its 360-degree and stereo metadata hold for the output.
        public var keepsProjection = true

        /// The whole input at its own size; existing files are kept.
        public init() {}
    }

    /// Progress of a conversion.
    public struct Progress: Sendable {
        /// Frames processed by the elements.
        public var frames: Int
        /// Time of the last of these frames in seconds from the start of the conversion.
        public var time: Double
    }
}
