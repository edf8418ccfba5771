import CGStreamer
import Imaging

/// A format of frames that are looked at in grey: GRAY8, and all of ``FrameFormats/all``.
public enum GreyFormat {
    case grey(GstVideoInfo)
    case colored(VideoFormat)

    /// Nil for other caps.
    public init?(_ caps: UnsafeMutablePointer<GstCaps>?) {
        if let format = VideoFormat(caps) {
            self = .colored(format)
            return
        }
        var information = GstVideoInfo()
        guard let caps, gst_video_info_from_caps(&information, caps) != 0,
            information.finfo?.pointee.format == GST_VIDEO_FORMAT_GRAY8
        else { return nil }
        self = .grey(information)
    }

    /// Black (0) to white (255) at each pixel, whatever the range of the format. GRAY8 is as it is.
    ///
    /// - Throws: ``ElementError`` if the frame cannot be mapped, is too short, or has another format or size than its caps.
    public func levels(of buffer: UnsafeMutablePointer<GstBuffer>) throws -> Plane<UInt8> {
        switch self {
        case .grey(let information): try greyPixels(of: buffer, information)
        case .colored(let format): try format.withFrame(of: buffer, writing: false) { $0.levels() }
        }
    }
}

/// The pixels of a frame of GRAY8, with the strides and offsets of its GstVideoMeta.
private func greyPixels(
    of buffer: UnsafeMutablePointer<GstBuffer>, _ information: GstVideoInfo
) throws -> Plane<UInt8> {
    let (width, height) = (Int(information.width), Int(information.height))
    func invalid(_ problem: String) -> ElementError {
        ElementError(.format, "A mask \(problem).", remedy: "Put a videoconvert before the mask pad.")
    }
    guard information.finfo?.pointee.format == GST_VIDEO_FORMAT_GRAY8, width > 0, height > 0 else {
        throw invalid("is not GRAY8")
    }
    if let meta = gst_buffer_get_video_meta(buffer)?.pointee {
        guard meta.format == GST_VIDEO_FORMAT_GRAY8, Int(meta.width) == width, Int(meta.height) == height else {
            throw invalid("has another format or size than its caps, \(width)x\(height) GRAY8")
        }
    }
    var (frame, information) = (GstVideoFrame(), information)
    let flags = UInt32(GST_MAP_READ.rawValue) | UInt32(GST_VIDEO_FRAME_MAP_FLAG_NO_REF.rawValue)
    guard gst_video_frame_map(&frame, &information, buffer, GstMapFlags(rawValue: flags)) != 0 else {
        throw invalid("of \(width)x\(height) pixels could not be mapped")
    }
    defer { gst_video_frame_unmap(&frame) }
    let stride = Int(frame.info.stride.0)
    guard let base = frame.data.0, stride >= width, let memory = frame.map.0.data else {
        throw invalid("has rows that overlap")
    }
    let offset = base - UnsafeMutableRawPointer(memory)
    let size = Int(clamping: frame.map.0.size)
    guard offset >= 0, offset <= size, (height - 1) * stride + width <= size - offset else {
        throw invalid("of \(width)x\(height) pixels is shorter than it says")
    }
    return Plane(width: width, height: height) { target in
        for y in 0..<height {
            let row = base.assumingMemoryBound(to: UInt8.self) + y * stride
            (target.baseAddress.map { $0 + y * width })?.initialize(from: row, count: width)
        }
    }
}
