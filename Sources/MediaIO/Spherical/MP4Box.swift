/// A box of the ISO base media file format (ISO/IEC 14496-12) with its children.
///
/// Reading and writing preserves every byte; unknown boxes are leaves.
struct MP4Box: Equatable {
    /// Four characters.
    let type: String
    /// The content before the children; the whole content of a leaf.
    var fields: [UInt8]
    var children: [MP4Box] = []
    /// Bytes after the children, too few for a box.
    var tail: [UInt8] = []

    init(_ type: String, fields: [UInt8] = [], children: [MP4Box] = []) {
        self.type = type
        self.fields = fields
        self.children = children
    }

    /// A full box, with version and flags 0.
    init(full type: String, fields: [UInt8]) {
        self.init(type, fields: [0, 0, 0, 0] + fields)
    }

    /// Bytes before the first child, for the container boxes that are parsed.
    private static let fieldCounts = [
        "moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "stsd": 8, "sv3d": 0, "proj": 0,
    ]
    /// Bytes before the first child of a video sample entry of any type.
    private static let sampleEntryFieldCount = 78
    /// Maximum nesting depth, one more than `moov`, `trak`, `mdia`, `minf`, `stbl`, `stsd`, entry, `sv3d`, `proj`.
    private static let deepest = 10

    /// Parses `bytes` into boxes and remaining bytes; nil if they are not boxes.
    static func boxes(
        in bytes: ArraySlice<UInt8>, parent: String = "", depth: Int = 0
    ) -> (boxes: [MP4Box], tail: [UInt8])? {
        var boxes: [MP4Box] = []
        var rest = bytes
        while rest.count >= 8, let size = rest.bigEndian(at: 0, count: 4), size >= 8 {
            guard size <= UInt64(rest.count) else { return nil }
            let type = String(rest.dropFirst(4).prefix(4).map { Character(Unicode.Scalar($0)) })
            var box = MP4Box(type, fields: Array(rest.prefix(Int(size)).dropFirst(8)))
            box.open(parent == "stsd" ? sampleEntryFieldCount : fieldCounts[type], depth: depth + 1)
            boxes.append(box)
            rest = rest.dropFirst(Int(size))
        }
        // QuickTime sample entries may end with four zero bytes.
        return rest.count < 8 ? (boxes, Array(rest)) : nil
    }

    /// Parses the children from the fields; without effect if there are none.
    private mutating func open(_ fieldCount: Int?, depth: Int) {
        guard let fieldCount, depth < Self.deepest, fields.count >= fieldCount,
            let inside = Self.boxes(in: fields[fieldCount...], parent: type, depth: depth)
        else { return }
        fields = Array(fields[..<fieldCount])
        (children, tail) = inside
    }

    /// The box with its header.
    var bytes: [UInt8] {
        let content = fields + children.flatMap(\.bytes) + tail
        return [UInt8](bigEndian: UInt64(content.count + 8), count: 4) + type.unicodeScalars.map { UInt8($0.value) }
            + content
    }

    /// The first child of a type.
    func child(_ type: String) -> MP4Box? { children.first { $0.type == type } }

    /// Changes the first descendant on a path of types.
    mutating func change(_ path: ArraySlice<String>, _ body: (inout MP4Box) -> Void) {
        guard let next = path.first else { return body(&self) }
        guard let index = children.firstIndex(where: { $0.type == next }) else { return }
        children[index].change(path.dropFirst(), body)
    }
}
