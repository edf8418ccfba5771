/// An element of a Matroska or WebM file (EBML, RFC 8794), with its children if it is one of ``Name/masters``.
struct MatroskaElement: Equatable {
    enum Name {
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

    let name: UInt32
    /// Content of elements without children.
    var content: [UInt8]
    var children: [MatroskaElement]?
    /// Width of the size field in bytes, kept so that unchanged elements keep their length.
    private var sizeWidth: Int

    init(_ name: UInt32, content: [UInt8]) {
        self.name = name
        self.content = content
        sizeWidth = 1
    }

    init(_ name: UInt32, children: [MatroskaElement]) {
        self.init(name, content: [])
        self.children = children
    }

    init(_ name: UInt32, unsigned value: UInt64, width: Int = 1) {
        self.init(name, content: [])
        set(unsigned: value, width: width)
    }

    init(_ name: UInt32, float value: Double) {
        self.init(name, content: [UInt8](bigEndian: UInt64(Float(value).bitPattern), count: 4))
    }

    // MARK: Bytes

    /// An element's header: name, content size and header length.
    struct Head {
        let name: UInt32
        /// Size of the content in bytes; nil if unknown.
        let size: Int?
        let sizeWidth: Int
        let length: Int

        init?(_ bytes: ArraySlice<UInt8>) {
            guard let first = bytes.first else { return nil }
            let nameWidth = first.leadingZeroBitCount + 1
            guard nameWidth <= 4, let name = bytes.bigEndian(at: 0, count: nameWidth),
                let second = bytes.dropFirst(nameWidth).first
            else { return nil }
            sizeWidth = second.leadingZeroBitCount + 1
            guard sizeWidth <= 8, let size = bytes.bigEndian(at: nameWidth, count: sizeWidth) else { return nil }
            let mask = (UInt64(1) << (7 * UInt64(sizeWidth))) - 1
            self.name = UInt32(name)
            self.size = size & mask == mask ? nil : Int(size & mask)
            length = nameWidth + sizeWidth
        }
    }

    /// Parses `bytes` into elements; nil if they are malformed.
    ///
    /// Checksums are dropped, since the content is about to change.
    static func elements(in bytes: ArraySlice<UInt8>, depth: Int = 0) -> [MatroskaElement]? {
        var elements: [MatroskaElement] = []
        var rest = bytes
        while !rest.isEmpty {
            guard let head = Head(rest), let size = head.size, size <= rest.count - head.length else { return nil }
            let content = rest.dropFirst(head.length).prefix(size)
            var element = MatroskaElement(head.name, content: Array(content))
            element.sizeWidth = head.sizeWidth
            if Name.masters.contains(head.name) {
                // The maximum depth of the known master elements.
                guard depth < 6, let children = Self.elements(in: content, depth: depth + 1) else { return nil }
                element.content = []
                element.children = children
            }
            if head.name != Name.checksum { elements.append(element) }
            rest = rest.dropFirst(head.length + size)
        }
        return elements
    }

    var bytes: [UInt8] {
        let content = children.map { $0.flatMap(\.bytes) } ?? content
        let nameWidth = max(1, (39 - name.leadingZeroBitCount) / 8)
        return [UInt8](bigEndian: UInt64(name), count: nameWidth) + Self.size(content.count, width: sizeWidth) + content
    }

    /// A size field of at least `width` bytes.
    static func size(_ size: Int, width: Int) -> [UInt8] {
        // All ones is reserved for an unknown size.
        let width = (width...8).first { size < (1 << (7 * $0)) - 1 } ?? 8
        return [UInt8](bigEndian: UInt64(size) | UInt64(1) << (7 * UInt64(width)), count: width)
    }

    // MARK: Values

    func child(_ name: UInt32) -> MatroskaElement? { children?.first { $0.name == name } }

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

    /// Changes all unsigned integers on a path of names. Their width only grows if necessary.
    mutating func change(_ path: ArraySlice<UInt32>, _ body: (UInt64) -> UInt64) {
        guard let next = path.first else {
            if let value = unsigned { set(unsigned: body(value), width: content.count) }
            return
        }
        for index in (children ?? []).indices where children?[index].name == next {
            children?[index].change(path.dropFirst(), body)
        }
    }
}
