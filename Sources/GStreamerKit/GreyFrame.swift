import CGStreamer
import Imaging

/// The pixels of a frame of GRAY8, with the strides and offsets of its GstVideoMeta.
///
/// - Throws: ``ElementError`` if it cannot be mapped, is too short, or has another format or size than its caps.
public func greyPixels(
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
