/// A box of the ISO base media format (ISO/IEC 14496-12), and all that is in it.
///
/// What is read and written again is the same byte for byte: a box that is not understood stays a leaf.
struct MP4Box: Equatable {
    /// Four characters.
    let type: String
    /// What stands before the boxes inside, in a leaf all there is.
    var fields: [UInt8]
    var children: [MP4Box] = []
    /// What follows them and is too short to be a box.
    var tail: [UInt8] = []

    init(_ type: String, fields: [UInt8] = [], children: [MP4Box] = []) {
        self.type = type
        self.fields = fields
        self.children = children
    }

    /// A box whose fields begin with a version and flags, here all 0.
    init(full type: String, fields: [UInt8]) {
        self.init(type, fields: [0, 0, 0, 0] + fields)
    }

    /// How many bytes stand before the first box inside, of the boxes whose insides matter here.
    private static let fieldCounts = [
        "moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "stsd": 8, "sv3d": 0, "proj": 0,
    ]
    /// Of a video's sample entry, whatever its type.
    private static let sampleEntryFieldCount = 78
    /// One more than `moov`, `trak`, `mdia`, `minf`, `stbl`, `stsd`, entry, `sv3d`, `proj`. Damaged files do not nest deeper here.
    private static let deepest = 10

    /// The boxes of which `bytes` consist, and what is left; nil where they are no boxes.
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
        // The insides end with as much as four bytes of zeros in QuickTime's sample entries.
        return rest.count < 8 ? (boxes, Array(rest)) : nil
    }

    /// Takes the boxes out of the fields; leaves all as it is where there are none.
    private mutating func open(_ fieldCount: Int?, depth: Int) {
        guard let fieldCount, depth < Self.deepest, fields.count >= fieldCount,
            let inside = Self.boxes(in: fields[fieldCount...], parent: type, depth: depth)
        else { return }
        fields = Array(fields[..<fieldCount])
        (children, tail) = inside
    }

    /// With its length and its type.
    var bytes: [UInt8] {
        let content = fields + children.flatMap(\.bytes) + tail
        return [UInt8](bigEndian: UInt64(content.count + 8), count: 4) + type.unicodeScalars.map { UInt8($0.value) }
            + content
    }

    /// The first box of that type inside.
    func child(_ type: String) -> MP4Box? { children.first { $0.type == type } }

    /// Changes the first box inside that is reached by these types.
    mutating func change(_ path: ArraySlice<String>, _ body: (inout MP4Box) -> Void) {
        guard let next = path.first else { return body(&self) }
        guard let index = children.firstIndex(where: { $0.type == next }) else { return }
        children[index].change(path.dropFirst(), body)
    }
}
