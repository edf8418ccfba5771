/// What a file says of the sphere that its frames show, so that players let their users look around.
///
/// Read from and written to MP4 and QuickTime (Google's Spherical Video, version 2 and the XML of version 1), Matroska and
/// WebM (`Projection`), JPEG and PNG (Google's photo sphere XMP, `GPano`).
public struct SphericalMetadata: Sendable, Equatable {
    public enum Projection: Sendable, Equatable {
        /// All of the sphere, twice as wide as high.
        case equirectangular
        /// Six faces, each with `padding` pixels around it. Layout 0, the only one that is specified, has the faces right, left, up over
        /// down, front, back.
        case cubeMap(layout: UInt32, padding: UInt32)
        /// Something that cannot be painted here, in words: a mesh, a part of the sphere.
        case other(String)
    }

    /// How the sphere is turned before it is shown, in degrees.
    public struct Pose: Sendable, Equatable {
        /// Counter-clockwise around the axis that points up, -180...180.
        public var yaw = 0.0
        /// Counter-clockwise around the axis that points right, -90...90.
        public var pitch = 0.0
        /// Clockwise around the axis that points forwards, -180...180.
        public var roll = 0.0

        public init(yaw: Double = 0, pitch: Double = 0, roll: Double = 0) {
            self.yaw = yaw
            self.pitch = pitch
            self.roll = roll
        }
    }

    public var projection: Projection
    /// Of videos.
    public var pose = Pose()
    /// Whether a frame holds the views of two eyes.
    public var isStereo = false
    /// Of pictures: where the camera looked and what is seen first, as XMP has it (`PoseHeadingDegrees`), without the prefix.
    public var view: [String: String] = [:]

    public init(_ projection: Projection = .equirectangular) {
        self.projection = projection
    }

    /// What a video or a picture says of its sphere; nil where it says nothing, or nothing that can be understood.
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

    /// Whether files of this kind have a place for it.
    public static func hasPlace(in output: String) -> Bool {
        let ending = FileName.ending(of: output)
        return VideoContainer(rawValue: ending) != nil || ["png", "jpg", "jpeg"].contains(ending)
    }

    /// Writes this into a finished file in place of what it says so far; nothing where its format has no place for it.
    ///
    /// - Parameters:
    ///   - name: what error messages call the file; nil: its path.
    ///   - width: of its frames.
    /// - Throws: if the file is damaged or cannot be written.
    public func write(into path: String, name: String? = nil, width: Int, height: Int) throws(MediaError) {
        let file = try BinaryFile(path, name: name, writing: true)
        switch SphericalFormat(start: try file.read(at: 0, count: 12)) {
        case .mp4: try MP4Spherical.write(self, into: file, name: name ?? path)
        case .matroska: try MatroskaSpherical.write(self, into: file, name: name ?? path)
        case .jpeg, .png:
            let bytes = try file.read(at: 0, count: file.length)
            try file.replace(0..<bytes.count, with: written(intoPicture: bytes, width: width, height: height))
        case nil: break
        }
    }

    /// The bytes of a JPEG or PNG file with this in them; of other files as they are.
    func written(intoPicture bytes: [UInt8], width: Int, height: Int) -> [UInt8] {
        guard projection == .equirectangular else { return bytes }
        let xmp = xmp(width: width, height: height)
        switch SphericalFormat(start: Array(bytes.prefix(12))) {
        case .jpeg: return JPEGMetadata.inserting(xmp: xmp, into: bytes)
        case .png: return PNGMetadata.inserting(xmp: xmp, into: bytes)
        default: return bytes
        }
    }
}

/// The files that have a place for what they say of their sphere, by their first bytes.
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
