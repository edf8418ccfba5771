import CGStreamer
import Imaging

/// Size, pixel format and frame rate from caps.
public struct VideoFormat: @unchecked Sendable {
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// Name of the pixel format, such as `I420`.
    public let name: String
    /// Order and size of the channels of packed RGB; nil for luma and chroma.
    public let layout: PixelLayout?
    /// Frames per second as a fraction; 0/1 if unknown or variable.
    public let frameRate: (numerator: Int, denominator: Int)
    var information: GstVideoInfo

    /// What the values of pixels stand for: matrix, range, transfer and primaries.
    public var colorimetry: GstVideoColorimetry { information.colorimetry }

    /// Bytes of a frame with GStreamer's default strides.
    public var byteCount: gsize { information.size }

    /// Nil unless the caps are of one of ``FrameFormats/all``.
    public init?(_ caps: UnsafeMutablePointer<GstCaps>?) {
        var information = GstVideoInfo()
        guard let caps, gst_video_info_from_caps(&information, caps) != 0, let format = information.finfo,
            information.width > 0, information.height > 0
        else { return nil }
        name = String(glib: gst_video_format_to_string(format.pointee.format))
        guard FrameFormats.all.names.contains(name) else { return nil }
        width = Int(information.width)
        height = Int(information.height)
        layout = PixelLayout(name: name)
        frameRate = (Int(information.fps_n), max(Int(information.fps_d), 1))
        self.information = information
    }

    /// Maps a frame's pixels while `body` runs, with the strides and offsets of the buffer's GstVideoMeta.
    ///
    /// If the buffer is larger than its caps, the region of its GstVideoCropMeta is mapped.
    ///
    /// - Parameter writing: whether pixels may be changed; shared memory is then copied first.
    /// - Throws: ``ElementError`` if the buffer cannot be mapped, is too short, or its size differs from the caps; and
    ///   errors of `body`.
    public func withFrame<Result>(
        of buffer: UnsafeMutablePointer<GstBuffer>, writing: Bool, _ body: (FramePixels) throws -> Result
    ) throws -> Result {
        var frame = GstVideoFrame()
        var information = information
        // NO_REF keeps the buffer writable, so that metas can be attached.
        var flags = UInt32(GST_MAP_READ.rawValue) | UInt32(GST_VIDEO_FRAME_MAP_FLAG_NO_REF.rawValue)
        if writing { flags |= UInt32(GST_MAP_WRITE.rawValue) }
        // GStreamer does not check that the meta has the caps' format and at least their size.
        if let meta = gst_buffer_get_video_meta(buffer)?.pointee {
            guard meta.format == information.finfo?.pointee.format else {
                throw invalid("A frame has another format than its caps say, \(name)")
            }
            if Int(meta.width) < width || Int(meta.height) < height {
                throw wrongSize(Int(meta.width), Int(meta.height))
            }
        }
        guard gst_video_frame_map(&frame, &information, buffer, GstMapFlags(rawValue: flags)) != 0 else {
            throw invalid("A frame of \(width)x\(height) \(name) could not be mapped")
        }
        defer { gst_video_frame_unmap(&frame) }
        let origin = try origin(in: frame, of: buffer)
        guard let pixels = MappedFrame(frame, self).pixels(origin) else {
            throw invalid("A frame of \(width)x\(height) \(name) is shorter than it says")
        }
        return try body(pixels)
    }

    /// ``withFrame(of:writing:_:)`` for elements that take ``FrameFormats/packed`` only.
    public func withPixels<Result>(
        of buffer: UnsafeMutablePointer<GstBuffer>, writing: Bool, _ body: (PackedPixels) throws -> Result
    ) throws -> Result {
        try withFrame(of: buffer, writing: writing) { frame in
            guard let pixels = frame.packed else { throw invalid("A frame is \(name), which is not packed RGB") }
            return try body(pixels)
        }
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
        invalid("A frame is \(fullWidth)x\(fullHeight) where its caps say \(width)x\(height)")
    }

    private func invalid(_ problem: String) -> ElementError {
        ElementError(.format, "\(problem).", remedy: "Put a videoconvert before this element.")
    }
}
