import CGStreamer
import Imaging

/// Size, pixel layout and frame rate from caps.
public struct VideoFormat: @unchecked Sendable {
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// Order and size of the channels.
    public let layout: PixelLayout
    /// Frames per second as a fraction; 0/1 if unknown or variable.
    public let frameRate: (numerator: Int, denominator: Int)
    var information: GstVideoInfo

    /// Bytes of a frame with GStreamer's default strides.
    public var byteCount: gsize { information.size }

    /// Nil unless the caps are of a packed RGB format.
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

    /// Caps of all packed RGB formats at any size; the caller owns them.
    public static func makeCaps() -> UnsafeMutablePointer<GstCaps>? {
        let formats = PixelLayout.all.map(\.name).joined(separator: ", ")
        return gst_caps_from_string(
            """
            video/x-raw, format=(string){ \(formats) }, width=(int)[ 1, max ], height=(int)[ 1, max ], \
            framerate=(fraction)[ 0/1, max ]
            """)
    }

    /// Maps a frame's pixels while `body` runs, with the strides and offsets of the buffer's GstVideoMeta.
    ///
    /// If the buffer is larger than its caps, the region of its GstVideoCropMeta is mapped.
    ///
    /// - Parameter writing: whether pixels may be changed; shared memory is then copied first.
    /// - Throws: ``ElementError`` if the buffer cannot be mapped, is too short, or its size differs from the caps; and
    ///   errors of `body`.
    public func withPixels<Result>(
        of buffer: UnsafeMutablePointer<GstBuffer>, writing: Bool, _ body: (PackedPixels) throws -> Result
    ) throws -> Result {
        var frame = GstVideoFrame()
        var information = information
        // NO_REF keeps the buffer writable, so that metas can be attached.
        var flags = UInt32(GST_MAP_READ.rawValue) | UInt32(GST_VIDEO_FRAME_MAP_FLAG_NO_REF.rawValue)
        if writing { flags |= UInt32(GST_MAP_WRITE.rawValue) }
        // GStreamer does not check that the meta has the caps' format and at least their size.
        if let meta = gst_buffer_get_video_meta(buffer)?.pointee {
            guard meta.format == information.finfo?.pointee.format else {
                throw ElementError(
                    .format, "A frame has another format than its caps say, \(layout.name).",
                    remedy: "Put a videoconvert before this element.")
            }
            if Int(meta.width) < width || Int(meta.height) < height {
                throw wrongSize(Int(meta.width), Int(meta.height))
            }
        }
        guard gst_video_frame_map(&frame, &information, buffer, GstMapFlags(rawValue: flags)) != 0 else {
            throw ElementError(
                .format, "A frame of \(width)x\(height) \(layout.name) could not be mapped.",
                remedy: "Put a videoconvert before this element.")
        }
        defer { gst_video_frame_unmap(&frame) }
        let (x, y) = try origin(in: frame, of: buffer)
        let stride = Int(frame.info.stride.0)
        guard let base = frame.data.0, let start = frame.map.0.data,
            holds(base, stride: stride, x: x, y: y, from: start, count: frame.map.0.size)
        else {
            throw ElementError(
                .format, "A frame of \(width)x\(height) \(layout.name) is shorter than it says.",
                remedy: "Put a videoconvert before this element.")
        }
        return try body(
            PackedPixels(
                base: base + y * stride + x * layout.bytesPerPixel, stride: stride, width: width, height: height,
                layout: layout))
    }

    /// The position of the caps' frame in a mapped buffer.
    private func origin(
        in frame: GstVideoFrame, of buffer: UnsafeMutablePointer<GstBuffer>
    ) throws -> (x: Int, y: Int) {
        let (fullWidth, fullHeight) = (Int(frame.info.width), Int(frame.info.height))
        if fullWidth == width && fullHeight == height { return (0, 0) }
        if let meta = gst_buffer_get_meta(buffer, gst_video_crop_meta_api_get_type()) {
            let crop = UnsafeMutableRawPointer(meta).assumingMemoryBound(to: GstVideoCropMeta.self).pointee
            let (x, y) = (Int(crop.x), Int(crop.y))
            if Int(crop.width) == width, Int(crop.height) == height, x + width <= fullWidth, y + height <= fullHeight {
                return (x, y)
            }
        }
        throw wrongSize(fullWidth, fullHeight)
    }

    private func wrongSize(_ fullWidth: Int, _ fullHeight: Int) -> ElementError {
        ElementError(
            .format, "A frame is \(fullWidth)x\(fullHeight) where its caps say \(width)x\(height).",
            remedy: "Put a videoconvert before this element.")
    }

    /// Whether all rows of the frame lie within the mapped memory.
    private func holds(
        _ base: gpointer, stride: Int, x: Int, y: Int, from start: UnsafeMutablePointer<UInt8>, count: gsize
    ) -> Bool {
        let pixel = layout.bytesPerPixel
        let (before, room) = (base - UnsafeMutableRawPointer(start), Int(clamping: count))
        guard stride > 0, height == 1 || stride >= width * pixel, before >= 0, before <= room else { return false }
        return (y + height - 1) * stride + (x + width) * pixel <= room - before
    }
}
