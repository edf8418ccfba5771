import CGStreamer
import Imaging

/// Size and layout of the frames that a pad's caps promise.
public struct VideoFormat: @unchecked Sendable {
    public let width: Int
    public let height: Int
    public let layout: PixelLayout
    /// Frames a second as a fraction; 0/1 where unknown or variable.
    public let frameRate: (numerator: Int, denominator: Int)
    var information: GstVideoInfo

    /// What a frame without padding of its own takes.
    public var byteCount: gsize { information.size }

    /// Nil for caps that are not of the packed RGB family.
    public init?(_ caps: UnsafeMutablePointer<GstCaps>?) {
        var information = GstVideoInfo()
        guard let caps, gst_video_info_from_caps(&information, caps) != 0, let format = information.finfo,
            let layout = PixelLayout(name: String(glib: gst_video_format_to_string(format.pointee.format))),
            information.width > 0, information.height > 0
        else { return nil }
        width = Int(information.width)
        height = Int(information.height)
        self.layout = layout
        frameRate = (Int(information.fps_n), max(Int(information.fps_d), 1))
        self.information = information
    }

    /// The packed RGB family at any size; the caller owns the reference.
    public static func makeCaps() -> UnsafeMutablePointer<GstCaps>? {
        let formats = PixelLayout.all.map(\.name).joined(separator: ", ")
        return gst_caps_from_string(
            """
            video/x-raw, format=(string){ \(formats) }, width=(int)[ 1, max ], height=(int)[ 1, max ], \
            framerate=(fraction)[ 0/1, max ]
            """)
    }

    /// Maps a frame's pixels for as long as `body` runs: strides and offsets as the buffer's GstVideoMeta says.
    ///
    /// - Parameter writing: pixels may be changed; memory that others share is copied first.
    /// - Throws: ``ElementError`` where the buffer cannot be mapped or has another size than its caps say.
    public func withPixels<Result>(
        of buffer: UnsafeMutablePointer<GstBuffer>, writing: Bool, _ body: (PackedPixels) throws -> Result
    ) throws -> Result {
        var frame = GstVideoFrame()
        var information = information
        // Without a reference of the frame's own the buffer stays writable, so that metas can be attached.
        var flags = UInt32(GST_MAP_READ.rawValue) | UInt32(GST_VIDEO_FRAME_MAP_FLAG_NO_REF.rawValue)
        if writing { flags |= UInt32(GST_MAP_WRITE.rawValue) }
        guard gst_video_frame_map(&frame, &information, buffer, GstMapFlags(rawValue: flags)) != 0 else {
            throw ElementError(
                .format, "A frame of \(width)x\(height) \(layout.name) could not be mapped.",
                remedy: "Put a videoconvert before this element.")
        }
        defer { gst_video_frame_unmap(&frame) }
        guard let base = frame.data.0, Int(frame.info.width) == width, Int(frame.info.height) == height else {
            throw ElementError(
                .format,
                "A frame is \(frame.info.width)x\(frame.info.height) where its caps say \(width)x\(height).",
                remedy: "Put a videoconvert before this element.")
        }
        return try body(
            PackedPixels(
                base: base, stride: Int(frame.info.stride.0), width: width, height: height, layout: layout))
    }
}
