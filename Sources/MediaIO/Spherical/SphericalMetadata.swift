/// 360-degree metadata of a file, from which players know that its frames show a sphere.
///
/// Supports MP4 and QuickTime (Google's Spherical Video, version 2 and the XML of version 1), Matroska and WebM
/// (`Projection`), JPEG and PNG (Google's photo sphere XMP, `GPano`).
public struct SphericalMetadata: Sendable, Equatable {
    /// The projection of the frames.
    public enum Projection: Sendable, Equatable {
        /// The whole sphere, twice as wide as high.
        case equirectangular
        /// Six faces, each with `padding` pixels around it. Layout 0, the only specified one, has right, left, up above
        /// down, front, back.
        case cubeMap(layout: UInt32, padding: UInt32)
        /// An unsupported projection, as a description: a mesh or a part of the sphere.
        case other(String)
    }

    /// Rotation of the sphere for display, in degrees.
    public struct Pose: Sendable, Equatable {
        /// Counter-clockwise about the up axis, -180...180.
        public var yaw = 0.0
        /// Counter-clockwise about the right axis, -90...90.
        public var pitch = 0.0
        /// Clockwise about the forward axis, -180...180.
        public var roll = 0.0

        /// Angles in degrees; all 0: the centre of the frame is straight ahead.
        public init(yaw: Double = 0, pitch: Double = 0, roll: Double = 0) {
            self.yaw = yaw
            self.pitch = pitch
            self.roll = roll
        }
    }

    /// The projection of the frames.
    public var projection: Projection
    /// Rotation, for videos.
    public var pose = Pose()
    /// Whether a frame contains the views of both eyes.
    public var isStereo = false
    /// Pose and initial view, for images: XMP properties such as `PoseHeadingDegrees`, without prefix.
    public var view: [String: String] = [:]

    /// Monoscopic, without rotation.
    public init(_ projection: Projection = .equirectangular) {
        self.projection = projection
    }

    /// Reads the metadata of a video or image; nil if there is none or it is not supported.
    ///
    /// - Throws: if the file cannot be read.
    public static func read(from path: String) throws(MediaError) -> SphericalMetadata? {
        let file = try BinaryFile(path)
        switch SphericalFormat(start: try file.read(at: 0, count: 12)) {
        case .mp4: return try MP4Spherical.read(file)
        case .matroska: return try MatroskaSpherical.read(file)
        case .jpeg: return try JPEGMetadata.xmp(in: file.read(at: 0, count: file.length)).flatMap { Self(xmp: $0) }
        case .png: return try PNGMetadata.xmp(in: file.read(at: 0, count: file.length)).flatMap { Self(xmp: $0) }
        case nil: return nil
        }
    }

    /// Reads the metadata of an input, or of the first picture of a series.
    ///
    /// - Throws: if the file cannot be read.
    public static func read(ofFirstFileIn input: MediaInput) throws(MediaError) -> SphericalMetadata? {
        guard case .frames(let pattern, let numbers) = input.kind else { return try read(from: input.location) }
        return try read(from: pattern.path(numbers.lowerBound))
    }

    /// Whether the file format, by extension, supports this metadata.
    public static func hasPlace(in output: String) -> Bool {
        let ending = FileName.ending(of: output)
        return VideoContainer(rawValue: ending) != nil || ["png", "jpg", "jpeg"].contains(ending)
    }

    /// Writes the metadata into a complete file and replaces existing ones. Without effect for other formats.
    ///
    /// - Parameters:
    ///   - name: name of the file in error messages; nil: the path.
    ///   - width: frame width in pixels, and `height` the frame height.
    /// - Throws: if the file is damaged or cannot be written.
    public func write(into path: String, name: String? = nil, width: Int, height: Int) throws(MediaError) {
        let file = try BinaryFile(path, name: name, writing: true)
        switch SphericalFormat(start: try file.read(at: 0, count: 12)) {
        case .mp4: try MP4Spherical.write(self, into: file, name: name ?? path)
        case .matroska: try MatroskaSpherical.write(self, into: file, name: name ?? path)
        case .jpeg, .png:
            let bytes = try file.read(at: 0, count: file.length)
            try file.replace(0..<bytes.count, with: written(intoImage: bytes, width: width, height: height))
        case nil: break
        }
    }

    /// A JPEG or PNG file with the metadata inserted; other files unchanged.
    package func written(intoImage bytes: [UInt8], width: Int, height: Int) -> [UInt8] {
        guard projection == .equirectangular else { return bytes }
        let xmp = xmp(width: width, height: height)
        switch SphericalFormat(start: Array(bytes.prefix(12))) {
        case .jpeg: return JPEGMetadata.inserting(xmp: xmp, into: bytes)
        case .png: return PNGMetadata.inserting(xmp: xmp, into: bytes)
        default: return bytes
        }
    }
}

/// The supported file formats, detected from the first bytes.
enum SphericalFormat {
    case mp4, matroska, jpeg, png

    init?(start: [UInt8]) {
        if start.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
            self = .matroska
        } else if start.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if start.starts(with: PNGMetadata.signature) {
            self = .png
        } else if start.count >= 8,
            ["ftyp", "moov", "mdat", "wide", "free", "skip"].contains(String(decoding: start[4..<8], as: UTF8.self))
        {
            self = .mp4
        } else {
            return nil
        }
    }
}
