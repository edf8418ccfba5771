/// An element of a Matroska or WebM file (EBML, RFC 8794), with its children if it is one of ``ID/masters``.
struct MatroskaElement: Equatable {
    enum ID {
        static let header: UInt32 = 0x1A45_DFA3
        static let segment: UInt32 = 0x1853_8067
        static let cluster: UInt32 = 0x1F43_B675
        static let checksum: UInt32 = 0xBF

        static let seekHead: UInt32 = 0x114D_9B74
        static let seek: UInt32 = 0x4DBB
        static let seekPosition: UInt32 = 0x53AC

        static let tracks: UInt32 = 0x1654_AE6B
        static let track: UInt32 = 0xAE
        static let video: UInt32 = 0xE0
        static let stereoMode: UInt32 = 0x53B8
        static let projection: UInt32 = 0x7670
        static let projectionType: UInt32 = 0x7671
        static let projectionPrivate: UInt32 = 0x7672
        static let poseYaw: UInt32 = 0x7673
        static let posePitch: UInt32 = 0x7674
        static let poseRoll: UInt32 = 0x7675

        static let cues: UInt32 = 0x1C53_BB6B
        static let cuePoint: UInt32 = 0xBB
        static let cuePositions: UInt32 = 0xB7
        static let cueClusterPosition: UInt32 = 0xF1

        static let masters: Set<UInt32> = [
            seekHead, seek, tracks, track, video, projection, cues, cuePoint, cuePositions,
        ]
    }

    let id: UInt32
    /// The data of an element without children.
    var content: [UInt8]
    var children: [MatroskaElement]?
    /// Width of the size field in bytes, kept so that unchanged elements keep their length.
    private var sizeWidth: Int

    init(_ id: UInt32, content: [UInt8]) {
        self.id = id
        self.content = content
        sizeWidth = 1
    }

    init(_ id: UInt32, children: [MatroskaElement]) {
        self.init(id, content: [])
        self.children = children
    }

    init(_ id: UInt32, unsigned value: UInt64, width: Int = 1) {
        self.init(id, content: [])
        set(unsigned: value, width: width)
    }

    init(_ id: UInt32, float value: Double) {
        self.init(id, content: [UInt8](bigEndian: UInt64(Float(value).bitPattern), count: 4))
    }

    // MARK: Bytes

    /// An element's header: its ID and the size of its content.
    struct Header {
        let id: UInt32
        /// Size of the content in bytes; nil if unknown.
        let size: Int?
        let sizeWidth: Int
        /// Length of the header in bytes.
        let length: Int

        init?(_ bytes: ArraySlice<UInt8>) {
            guard let first = bytes.first else { return nil }
            let idWidth = first.leadingZeroBitCount + 1
            guard idWidth <= 4, let id = bytes.bigEndian(at: 0, count: idWidth),
                let second = bytes.dropFirst(idWidth).first
            else { return nil }
            sizeWidth = second.leadingZeroBitCount + 1
            guard sizeWidth <= 8, let size = bytes.bigEndian(at: idWidth, count: sizeWidth) else { return nil }
            let mask = (UInt64(1) << (7 * UInt64(sizeWidth))) - 1
            self.id = UInt32(id)
            self.size = size & mask == mask ? nil : Int(size & mask)
            length = idWidth + sizeWidth
        }
    }

    /// Parses `bytes` into elements; nil if they are malformed.
    ///
    /// Elements `CRC-32` are left out, since they would be wrong once the content is edited.
    static func elements(in bytes: ArraySlice<UInt8>, depth: Int = 0) -> [MatroskaElement]? {
        var elements: [MatroskaElement] = []
        var rest = bytes
        while !rest.isEmpty {
            guard let header = Header(rest), let size = header.size, size <= rest.count - header.length
            else { return nil }
            let content = rest.dropFirst(header.length).prefix(size)
            var element = MatroskaElement(header.id, content: Array(content))
            element.sizeWidth = header.sizeWidth
            if ID.masters.contains(header.id) {
                // Limits the recursion; the master elements of a valid file are nested less deeply.
                guard depth < 6, let children = Self.elements(in: content, depth: depth + 1) else { return nil }
                element.content = []
                element.children = children
            }
            if header.id != ID.checksum { elements.append(element) }
            rest = rest.dropFirst(header.length + size)
        }
        return elements
    }

    var bytes: [UInt8] {
        let content = children.map { $0.flatMap(\.bytes) } ?? content
        let idWidth = max(1, (39 - id.leadingZeroBitCount) / 8)
        return [UInt8](bigEndian: UInt64(id), count: idWidth) + Self.size(content.count, width: sizeWidth) + content
    }

    /// A size field of at least `width` bytes.
    static func size(_ size: Int, width: Int) -> [UInt8] {
        // All ones is reserved for an unknown size.
        let width = (width...8).first { size < (1 << (7 * $0)) - 1 } ?? 8
        return [UInt8](bigEndian: UInt64(size) | UInt64(1) << (7 * UInt64(width)), count: width)
    }

    // MARK: Values

    func child(_ id: UInt32) -> MatroskaElement? { children?.first { $0.id == id } }

    var unsigned: UInt64? { content.bigEndian(at: 0, count: content.count) }

    var float: Double? {
        guard let bits = unsigned else { return nil }
        switch content.count {
        case 4: return Double(Float(bitPattern: UInt32(bits)))
        case 8: return Double(bitPattern: bits)
        default: return nil
        }
    }

    /// Sets an unsigned integer of at least `width` bytes.
    mutating func set(unsigned value: UInt64, width: Int) {
        content = [UInt8](bigEndian: value, count: max(width, (71 - value.leadingZeroBitCount) / 8))
    }

    /// Replaces the unsigned integers of all elements with this path of IDs, which begins at the children. An integer
    /// is stored in more bytes only if its new value needs them.
    mutating func change(_ path: ArraySlice<UInt32>, _ body: (UInt64) -> UInt64) {
        guard let next = path.first else {
            if let value = unsigned { set(unsigned: body(value), width: content.count) }
            return
        }
        for index in (children ?? []).indices where children?[index].id == next {
            children?[index].change(path.dropFirst(), body)
        }
    }
}
