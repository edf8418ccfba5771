import CAVFormat

/// What is known of pictures beside their pixels: how they are seen, and the display on which they were made.
struct SideData {
    private let type: AVPacketSideDataType
    private let bytes: [UInt8]

    /// 360 degrees, or a view for each eye.
    private static let ofProjection = [
        (AV_PKT_DATA_SPHERICAL, AV_FRAME_DATA_SPHERICAL), (AV_PKT_DATA_STEREO3D, AV_FRAME_DATA_STEREO3D),
    ]
    /// Colors and luminance, which only HDR has.
    private static let ofDisplay = [
        (AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA),
        (AV_PKT_DATA_CONTENT_LIGHT_LEVEL, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL),
    ]

    /// Whether it is about the display, and not about the projection.
    var isOfDisplay: Bool { Self.ofDisplay.contains { $0.0 == type } }

    /// What a container says of its pictures.
    static func all(of stream: UnsafeMutablePointer<AVStream>) -> [SideData] {
        (ofProjection + ofDisplay).compactMap { type, _ in
            var size = 0
            guard let data = av_stream_get_side_data(stream, type, &size) else { return nil }
            return SideData(type: type, bytes: Array(UnsafeBufferPointer(start: data, count: size)))
        }
    }

    /// What a decoded picture says of itself; it is the same for all.
    static func all(of frame: UnsafeMutablePointer<AVFrame>) -> [SideData] {
        (ofProjection + ofDisplay).compactMap { type, name in
            guard let found = av_frame_get_side_data(frame, name), let data = found.pointee.data else { return nil }
            return SideData(type: type, bytes: Array(UnsafeBufferPointer(start: data, count: found.pointee.size)))
        }
    }

    /// Those of `others` that are not among these.
    static func merged(_ these: [SideData], _ others: [SideData]) -> [SideData] {
        these + others.filter { other in !these.contains { $0.type == other.type } }
    }

    /// Adds it to a stream that is written.
    func add(to stream: UnsafeMutablePointer<AVStream>) {
        guard let copy = av_stream_new_side_data(stream, type, bytes.count) else { return }
        for (index, byte) in bytes.enumerated() { copy[index] = byte }
    }
}
