import Conversions
import Imaging
import MediaIO
import Support

/// The frames of a folder or of a video, read one after the other.
final class EvaluatedFrames {
    /// As it was given.
    let path: String
    /// Paths of a folder's pictures, sorted by name; nil for a video.
    let pictures: [String]?
    private let reader: FrameReader?
    /// Pictures that are decoded together: decoding takes longer than most measures.
    private static let together = 4
    /// Decoded pictures by index, which were not asked for yet.
    private var ahead: [Int: Result<Image, any Error>] = [:]

    /// The number of frames; nil if it is not known.
    var count: Int? { pictures?.count ?? reader?.input.frameCount }

    /// The pictures of a folder, or the frames of a video.
    ///
    /// - Throws: `MediaError` if there is nothing, or nothing that can be read.
    convenience init(_ path: String) throws {
        guard Files.isFolder(path) else {
            self.init(path, reader: try FrameReader(path))
            return
        }
        let pictures = try Self.pictures(in: path)
        guard !pictures.isEmpty else { throw MediaError("\(path): has no pictures (.png, .jpg, .ppm)") }
        self.init(path, pictures: pictures)
    }

    /// Some pictures of a folder.
    init(_ path: String, pictures: [String]) {
        self.path = path
        self.pictures = pictures
        reader = nil
    }

    private init(_ path: String, reader: FrameReader) {
        self.path = path
        pictures = nil
        self.reader = reader
    }

    /// The frames that were stylized: the pictures that belong to `stylized`, or a video.
    ///
    /// - Returns: with a note on pictures that were left out.
    /// - Throws: `MediaError` if the pictures do not belong together.
    static func originals(_ path: String, of stylized: EvaluatedFrames) throws -> (
        frames: EvaluatedFrames, note: String?
    ) {
        guard Files.isFolder(path), let painted = stylized.pictures else { return (try EvaluatedFrames(path), nil) }
        let pairing = try FramePairing(
            stylized: painted, of: stylized.path, originals: try pictures(in: path), of: path)
        return (EvaluatedFrames(path, pictures: pairing.chosen), pairing.note)
    }

    private static func pictures(in folder: String) throws -> [String] {
        try files(in: folder, endings: [".png", ".jpg", ".jpeg", ".ppm"])
    }

    /// The next frame; `index` must rise by one with each call. Nil after the last.
    func frame(_ index: Int) throws -> Image? {
        guard let pictures else { return try reader?.next()?.image }
        guard pictures.indices.contains(index) else { return nil }
        if ahead[index] == nil {
            let next = Array(pictures[index..<min(index + Self.together, pictures.count)])
            let decoded: [Result<Image, any Error>] = parallelMap(next.count) { position in
                do { return .success(try Image(contentsOf: next[position])) } catch { return .failure(error) }
            }
            ahead = Dictionary(uniqueKeysWithValues: zip(index..., decoded))
        }
        return try ahead.removeValue(forKey: index)?.get()
    }
}
