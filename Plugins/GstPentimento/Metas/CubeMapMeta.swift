import CGStreamer
import GStreamerKit

/// That a frame is the six faces of a cube map, one below the other, as `cubemapsplit` attaches it.
///
/// The Swift view of `PentimentoCubeMapMeta`, whose header says how other languages read it.
public struct CubeMapMeta: Sendable, Equatable {
    /// Faces of a frame.
    public static let faceCount = 6

    /// Side of a face's own 90 degrees, in pixels.
    public var faceSize: Int
    /// Pixels by which a face reaches over its neighbours, on each side.
    public var overlap: Int

    /// Side of a face with its overlaps: the frame's width and a sixth of its height.
    public var extendedSize: Int { faceSize + 2 * overlap }

    public init(faceSize: Int, overlap: Int) {
        self.faceSize = faceSize
        self.overlap = overlap
    }

    private static let type = MetaType<PentimentoCubeMapMeta>(
        apiName: PENTIMENTO_CUBE_MAP_META_API, free: { _, _ in },
        transform: { target, meta, _, type, data in
            // Sizes are in pixels of this very frame.
            guard followsPicture(type, data), keepsSize(type, data), let source = view(meta), let target,
                let copy = CubeMapMeta.attach(to: target)
            else { return 0 }
            copy.pointee.face_size = source.pointee.face_size
            copy.pointee.overlap = source.pointee.overlap
            return 1
        })

    private static func attach(
        to buffer: UnsafeMutablePointer<GstBuffer>
    ) -> UnsafeMutablePointer<PentimentoCubeMapMeta>? {
        type.attach(to: buffer)
    }

    /// Attaches the meta to a writable buffer, in place of one that it has.
    public func attach(to buffer: UnsafeMutablePointer<GstBuffer>) {
        Self.type.removeAll(from: buffer)
        guard let meta = CubeMapMeta.attach(to: buffer) else { return }
        meta.pointee.face_size = guint(clamping: faceSize)
        meta.pointee.overlap = guint(clamping: overlap)
    }

    /// What a buffer says of its faces; nil where it says nothing, or nothing that fits frames of this size.
    ///
    /// - Parameter complain: is told of what does not fit.
    public static func find(
        in buffer: UnsafeMutablePointer<GstBuffer>, width: Int, height: Int, complain: MetaComplaint = { _, _ in }
    ) -> CubeMapMeta? {
        guard let meta = type.all(of: buffer).last?.pointee else { return nil }
        let found = CubeMapMeta(faceSize: Int(meta.face_size), overlap: Int(meta.overlap))
        guard found.faceSize > 0, found.extendedSize == width, faceCount * found.extendedSize == height else {
            complain(
                "a cube map",
                "faces of \(found.faceSize) and an overlap of \(found.overlap) pixels are no frame of "
                    + "\(width)x\(height)")
            return nil
        }
        return found
    }

    /// How many pictures of their own lie one below the other in a frame: six faces where it is a cube map, else one.
    static func pictureCount(
        of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, complain: MetaComplaint
    ) -> Int {
        find(in: buffer, format: format, complain: complain) == nil ? 1 : faceCount
    }

    static func find(
        in buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, complain: MetaComplaint = { _, _ in }
    ) -> CubeMapMeta? {
        find(in: buffer, width: format.width, height: format.height, complain: complain)
    }
}

private func view(_ meta: UnsafeMutablePointer<GstMeta>?) -> UnsafeMutablePointer<PentimentoCubeMapMeta>? {
    meta.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: PentimentoCubeMapMeta.self) }
}
