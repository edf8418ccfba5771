import CGStreamer
import Flow
import GStreamerKit
import Imaging
import Style

/// A frame or event that is held back until its shot is finished.
enum ShotBufferItem {
    /// Index of a frame.
    case frame(Int)
    case event(UnsafeMutablePointer<GstEvent>)
}

/// The frames of a shot during several passes. Pixels and motion are in a temporary file; times, flags and other
/// elements' metas are in a buffer without memory.
final class ShotBuffer: ShotStore {
    private struct Frame {
        /// A buffer without memory: times, flags and metas.
        let shell: UnsafeMutablePointer<GstBuffer>
        /// Offset of the pixels in the file, rows without padding.
        let pixels: Int
        let motion: StoredMotion?
        /// As counted by `opticalflow`; nil without flow metas.
        let number: UInt64?
    }

    /// Offset and size of the planes of a ``MotionToPrevious`` in the file.
    private struct StoredMotion {
        let start: Int
        let width: Int
        let height: Int
    }

    /// Held frames and events in their order of arrival.
    private(set) var items: [ShotBufferItem] = []
    private let format: VideoFormat
    private let file: ScratchFile
    private let limit: UInt64
    private let results: any ShotResults
    private var frames: [Frame] = []

    /// - Parameters:
    ///   - limit: maximum size of the file in bytes; 0: no limit.
    ///   - folder: stores results for later runs; nil: results are not kept.
    init(format: VideoFormat, file: ScratchFile, limit: UInt64, folder: ResultFolder?) {
        self.format = format
        self.file = file
        self.limit = limit
        let (width, height) = (format.width, format.height)
        results =
            folder.map { FolderShotResults($0, width: width, height: height) }
            ?? ScratchShotResults(file, width: width, height: height)
    }

    deinit {
        for frame in frames { release(frame.shell) }
        for case .event(let event) in items { gst_mini_object_unref(miniObject(event)) }
    }

    // MARK: - Adding frames

    /// Adds a frame.
    ///
    /// - Parameters:
    ///   - number: as counted by `opticalflow`.
    ///   - index: counted from 0 since the stream's start or the last seek.
    /// - Throws: ``ElementError`` if the limit is exceeded or the disk is full.
    func append(
        _ buffer: UnsafeMutablePointer<GstBuffer>, motion: MotionToPrevious?, number: UInt64?, index: Int
    ) throws {
        let pixelBytes = rowBytes * format.height
        let planeLength = motion.map { $0.flow.backward.width * $0.flow.backward.height } ?? 0
        let motionBytes = MotionToPrevious.planeCount * planeLength * MemoryLayout<Float>.size
        let size = pixelBytes + motionBytes + results.bytesPerFrame
        guard limit == 0 || UInt64(file.size + size) <= limit else { throw tooLong(size) }
        let bytes = try format.withPixels(of: buffer, writing: false) { view in
            (0..<view.height).reduce(into: [UInt8]()) { bytes, y in
                bytes.append(
                    contentsOf: UnsafeRawBufferPointer(start: view.base + y * view.stride, count: rowBytes))
            }
        }
        let pixels = try file.reserve(pixelBytes)
        try file.write(bytes, at: pixels)
        var storedMotion: StoredMotion?
        if let motion {
            let start = try file.reserve(motionBytes)
            try file.write(motion.planes.flatMap { $0 }, at: start)
            storedMotion = StoredMotion(
                start: start, width: motion.flow.backward.width, height: motion.flow.backward.height)
        }
        try results.append {
            ResultOrigin(
                frame: self.image(of: bytes), motion: motion?.planes.bytes ?? [], number: index,
                time: buffer.pointee.pts)
        }
        try Cancellation.check()
        guard let shell = gst_buffer_new() else { return }
        let parts = GST_BUFFER_COPY_FLAGS.rawValue | GST_BUFFER_COPY_TIMESTAMPS.rawValue | GST_BUFFER_COPY_META.rawValue
        gst_buffer_copy_into(shell, buffer, GstBufferCopyFlags(rawValue: parts), 0, gsize.max)
        MetaReaders.removeMetas(from: shell)
        // These metas describe pixel memory, which the shell does not have.
        for type in [gst_video_meta_api_get_type(), gst_video_crop_meta_api_get_type()] {
            while let meta = gst_buffer_get_meta(shell, type), gst_buffer_remove_meta(shell, meta) != 0 {}
        }
        items.append(.frame(frames.count))
        frames.append(Frame(shell: shell, pixels: pixels, motion: storedMotion, number: number))
    }

    /// Adds an event and takes a reference to it.
    func append(_ event: UnsafeMutablePointer<GstEvent>) {
        gst_mini_object_ref(miniObject(event))
        items.append(.event(event))
    }

    private func tooLong(_ size: Int) -> ElementError {
        ElementError(
            .store,
            "The shot is longer than store-limit=\(limit) bytes allow: \(frames.count) frames of \(format.width)x"
                + "\(format.height) fit, \(size) bytes each.",
            remedy: "Set a higher store-limit (0: none) and a store-location with so much room, or passes=1.")
    }

    private var rowBytes: Int { format.width * layout.bytesPerPixel }
    private var layout: PixelLayout { format.layout ?? .rgb }

    // MARK: - ShotStore

    var frameCount: Int { frames.count }

    func frame(_ index: Int) throws -> Image {
        image(of: try file.read(rowBytes * format.height, at: frames[index].pixels, zero: UInt8(0)))
    }

    private func image(of bytes: [UInt8]) -> Image {
        var bytes = bytes
        return bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return Image(width: format.width, height: format.height) }
            return PackedPixels(
                base: base, stride: rowBytes, width: format.width, height: format.height, layout: layout
            ).networkImage()
        }
    }

    func motion(of index: Int, to neighbor: Neighbor) throws -> NeighborMotion {
        // The motion between two frames is stored with the later one.
        guard let motion = try motionToPrevious(of: neighbor == .earlier ? index : index + 1) else {
            throw OptimizationError.shot(
                "Frame \(index + 1) of the shot has no optical flow to its neighbour that is checked both ways.")
        }
        return neighbor == .earlier
            ? NeighborMotion(flow: motion.flow.backward, certainty: motion.certainty.backward)
            : NeighborMotion(flow: motion.flow.forward, certainty: motion.forwardCertainty)
    }

    private func motionToPrevious(of index: Int) throws -> MotionToPrevious? {
        guard let stored = frames[index].motion else { return nil }
        let count = stored.width * stored.height
        let values = try file.read(MotionToPrevious.planeCount * count, at: stored.start, zero: Float(0))
        let planes = (0..<MotionToPrevious.planeCount).map { Array(values[$0 * count..<($0 + 1) * count]) }
        return MotionToPrevious(planes: planes, width: stored.width, height: stored.height)
    }

    func passesDone(of index: Int) throws -> Int { try results.passesDone(of: index) }
    func result(of index: Int, pass: Int) throws -> Image { try results.result(of: index, pass: pass) }
    func setResult(_ image: Image, of index: Int, pass: Int) throws {
        try Cancellation.check()
        try results.setResult(image, of: index, pass: pass)
    }

    // MARK: - Output

    /// A frame with new pixels and the original times, flags, alpha and other elements' metas. The caller owns the
    /// buffer.
    ///
    /// - Parameter withMotion: whether to attach the flow to the previous frame and its certainty.
    func buffer(
        of index: Int, showing image: Image, withMotion: Bool, threads: Int
    ) throws -> UnsafeMutablePointer<GstBuffer> {
        guard let memory = gst_allocator_alloc(nil, format.byteCount, nil) else {
            throw ElementError(.failed, "There is no memory for a frame.", remedy: "")
        }
        guard let buffer = gst_buffer_copy(frames[index].shell) else {
            gst_memory_unref(memory)
            throw ElementError(.failed, "There is no memory for a frame.", remedy: "")
        }
        gst_buffer_append_memory(buffer, memory)
        do {
            let bytes = try file.read(rowBytes * format.height, at: frames[index].pixels, zero: UInt8(0))
            try format.withPixels(of: buffer, writing: true) { view in
                bytes.withUnsafeBytes { bytes in
                    guard let start = bytes.baseAddress else { return }
                    for y in 0..<view.height {
                        (view.base + y * view.stride).copyMemory(from: start + y * rowBytes, byteCount: rowBytes)
                    }
                }
                view.store(image, threads: threads)
            }
            try Cancellation.check()
            if withMotion, let number = frames[index].number {
                let motion = try motionToPrevious(of: index)
                FlowMeta(distance: 1, frame: number, flow: motion?.flow).attach(to: buffer)
                motion?.certainty.attach(to: buffer)
            }
        } catch {
            release(buffer)
            throw error
        }
        return buffer
    }
}
