import CAVFormat
import MediaIO
import Support

/// A part of a film, as a ``FilmPart`` was written.
public struct PartFile: Sendable {
    /// The file.
    public let path: String
    /// Its tags, by name.
    public let tags: [String: String]
    /// What its frames are, as GStreamer has it.
    var caps: String { tags[FilmPart.capsTag] ?? "" }

    /// Reads the tags of a file, and whether it is whole.
    ///
    /// - Throws: if it cannot be read, is cut short, or is no part.
    public init(_ path: String) throws(MediaError) {
        self.path = path
        try MediaInput.checkReadable(path)
        let container = try InputContainer(path, at: path)
        var tags: [String: String] = [:]
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while let next = av_dict_get(container.tags, "", entry, AV_DICT_IGNORE_SUFFIX) {
            entry = next
            tags[String(cString: next.pointee.key)] = String(cString: next.pointee.value)
        }
        self.tags = tags
        guard tags[FilmPart.capsTag] != nil,
            container.video?.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_FFVHUFF
        else { throw MediaError("\(path): is no part of a film that `pentimento` painted") }
        try Self.checkLength(path)
    }

    /// Matroska says how long its content is, so that a file that is cut short is known without reading it.
    private static func checkLength(_ path: String) throws(MediaError) {
        guard let (bytes, length) = try? Files.start(of: path, count: 1 << 10) else { return }
        // Elements: an identifier and a length, each of as many bytes as the zeros at its beginning tell.
        func value(at place: Int, keepingMark: Bool) -> (value: UInt64, next: Int)? {
            guard place < bytes.count, bytes[place] != 0 else { return nil }
            let size = bytes[place].leadingZeroBitCount + 1
            guard place + size <= bytes.count else { return nil }
            let whole = bytes[place..<place + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return (keepingMark ? whole : whole & (1 << UInt64(7 * size) - 1), place + size)
        }
        var place = 0
        while let name = value(at: place, keepingMark: true), let size = value(at: name.next, keepingMark: false) {
            let end = UInt64(size.next) + size.value
            guard name.value != 0x1853_8067 else {
                // All ones: unknown, as in a stream.
                if size.value < 1 << 55, end > UInt64(length) {
                    throw MediaError("\(path): is cut short: \(length) of \(end) bytes are there")
                }
                return
            }
            guard end < 1 << 20 else { return }
            place = Int(end)
        }
    }
}
