import CGStreamer
import GStreamerKit

/// Marks a frame as a batch of six stacked cube faces, as attached by `cubemapsplit`.
///
/// The Swift view of `PentimentoCubeMapMeta`; its C header describes the layout for other languages.
public struct CubeMapMeta: Sendable, Equatable {
    /// Faces per frame.
    public static let faceCount = 6

    /// Width and height of a face without its overlap (90 degrees), in pixels.
    public var faceSize: Int
    /// Overlap of a face with its neighbours, in pixels on each side.
    public var overlap: Int

    /// Width and height of a face with its overlap: the frame's width and a sixth of its height.
    public var extendedSize: Int { faceSize + 2 * overlap }

    /// Both in pixels; a frame is ``extendedSize`` wide and six times as high.
    public init(faceSize: Int, overlap: Int) {
        self.faceSize = faceSize
        self.overlap = overlap
    }

    private static let type: MetaType<PentimentoCubeMapMeta> = MetaType(
        apiName: PENTIMENTO_CUBE_MAP_META_API, free: { _, _ in },
        transform: { target, meta, _, kind, data in
            // Sizes are in pixels of the frame, so a scaled frame drops the meta.
            keepsSize(kind, data) && type.copy(meta, to: target, kind, data) != nil ? 1 : 0
        })

    /// Attaches the meta to a writable buffer and replaces an existing one.
    public func attach(to buffer: UnsafeMutablePointer<GstBuffer>) {
        Self.type.removeAll(from: buffer)
        guard let meta = Self.type.attach(to: buffer) else { return }
        meta.pointee.face_size = guint(clamping: faceSize)
        meta.pointee.overlap = guint(clamping: overlap)
    }

    /// A buffer's cube map meta; nil if there is none or it does not fit frames of this size.
    ///
    /// - Parameter warn: called if the meta does not fit.
    public static func find(
        in buffer: UnsafeMutablePointer<GstBuffer>, width: Int, height: Int, warn: MetaWarning = { _, _ in }
    ) -> CubeMapMeta? {
        guard let meta = type.all(of: buffer).last?.pointee else { return nil }
        let found = CubeMapMeta(faceSize: Int(meta.face_size), overlap: Int(meta.overlap))
        guard found.faceSize > 0, found.extendedSize == width, faceCount * found.extendedSize == height else {
            warn(
                "a cube map",
                "faces of \(found.faceSize) and an overlap of \(found.overlap) pixels do not fit frames of "
                    + "\(width)x\(height)")
            return nil
        }
        return found
    }

    /// Number of stacked images in a frame: 6 if it is a cube map, else 1.
    static func batchSize(
        of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, warn: MetaWarning
    ) -> Int {
        find(in: buffer, format: format, warn: warn) == nil ? 1 : faceCount
    }

    static func find(
        in buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, warn: MetaWarning = { _, _ in }
    ) -> CubeMapMeta? {
        find(in: buffer, width: format.width, height: format.height, warn: warn)
    }
}
