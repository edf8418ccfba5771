/// Spherical metadata in Matroska and WebM files: the element `Projection` of a track's `Video` (RFC 9559, section
/// 5.1.4.1.28.43).
enum MatroskaSpherical {
    private typealias ID = MatroskaElement.ID
    /// Maximum size in bytes of an element that is parsed.
    private static let largestElement = 1 << 28

    // MARK: Reading

    static func read(_ file: BinaryFile) throws(MediaError) -> SphericalMetadata? {
        guard let segment = try Segment(file),
            let location = segment.elements.first(where: { $0.id == ID.tracks }),
            let tracks = try element(at: location.range, of: file),
            let video = tracks.children?.lazy.compactMap({ $0.child(ID.video) }).first,
            let projection = video.child(ID.projection)
        else { return nil }
        var metadata: SphericalMetadata
        let details = projection.child(ID.projectionPrivate)?.content ?? []
        switch projection.child(ID.projectionType)?.unsigned ?? 0 {
        case 0: return nil
        case 1:
            let isWhole = details.dropFirst(4).allSatisfy { $0 == 0 }
            metadata = SphericalMetadata(isWhole ? .equirectangular : .other("a part of the sphere"))
        case 2:
            metadata = SphericalMetadata(
                .cubeMap(
                    layout: UInt32(details.bigEndian(at: 4, count: 4) ?? 0),
                    padding: UInt32(details.bigEndian(at: 8, count: 4) ?? 0)))
        default: metadata = SphericalMetadata(.other("a mesh"))
        }
        func angle(_ id: UInt32) -> Double { projection.child(id)?.float ?? 0 }
        metadata.pose = .init(yaw: angle(ID.poseYaw), pitch: angle(ID.posePitch), roll: angle(ID.poseRoll))
        metadata.isStereo = (video.child(ID.stereoMode)?.unsigned ?? 0) != 0
        return metadata
    }

    // MARK: Writing

    static func write(_ metadata: SphericalMetadata, into file: BinaryFile, name: String) throws(MediaError) {
        guard let segment = try Segment(file), segment.elements.contains(where: { $0.id == ID.tracks }) else {
            throw MediaError("\(name): is damaged, or a live recording, which has no place for 360 metadata")
        }
        var originals: [(location: Segment.Location, element: MatroskaElement)] = []
        for location in segment.elements where [ID.seekHead, ID.tracks, ID.cues].contains(location.id) {
            guard var element = try element(at: location.range, of: file) else {
                throw MediaError("\(name): its index is damaged; 360 metadata cannot be written")
            }
            if location.id == ID.tracks { setProjection(of: &element, to: metadata) }
            originals.append((location, element))
        }

        // Larger positions may need more bytes, which moves positions again. So this is iterated until no element
        // grows.
        var growths = originals.map { _ in 0 }
        var edited: [MatroskaElement] = []
        for _ in 0..<8 {
            func moved(_ position: UInt64) -> UInt64 {
                let shift = zip(originals, growths).reduce(0) { sum, entry in
                    let start = entry.0.location.range.lowerBound - segment.content.lowerBound
                    return sum + (UInt64(start) < position ? entry.1 : 0)
                }
                return UInt64(max(0, Int64(clamping: position) + Int64(shift)))
            }
            edited = originals.map { original in
                var element = original.element
                element.change([ID.seek, ID.seekPosition]) { $0 >= segment.content.count ? $0 : moved($0) }
                element.change([ID.cuePoint, ID.cuePositions, ID.cueClusterPosition], moved)
                return element
            }
            let found = zip(edited, originals).map { $0.bytes.count - $1.location.range.count }
            if found == growths { break }
            growths = found
        }
        for (original, element) in zip(originals, edited).reversed() {
            try file.replace(original.location.range, with: element.bytes)
        }
        try segment.resize(by: growths.reduce(0, +), in: file, name: name)
    }

    private static func setProjection(of tracks: inout MatroskaElement, to metadata: SphericalMetadata) {
        guard let track = tracks.children?.firstIndex(where: { $0.child(ID.video) != nil }),
            let video = tracks.children?[track].children?.firstIndex(where: { $0.id == ID.video })
        else { return }
        let details: [UInt8]
        switch metadata.projection {
        case .equirectangular: details = [UInt8](repeating: 0, count: 20)
        case .cubeMap(let layout, let padding):
            details = [layout, padding].reduce([0, 0, 0, 0]) { $0 + [UInt8](bigEndian: UInt64($1), count: 4) }
        case .other: return
        }
        let isCube = metadata.projection != .equirectangular
        let projection = MatroskaElement(
            ID.projection,
            children: [
                MatroskaElement(ID.projectionType, unsigned: isCube ? 2 : 1),
                MatroskaElement(ID.projectionPrivate, content: details),
                MatroskaElement(ID.poseYaw, float: metadata.pose.yaw),
                MatroskaElement(ID.posePitch, float: metadata.pose.pitch),
                MatroskaElement(ID.poseRoll, float: metadata.pose.roll),
            ])
        tracks.children?[track].children?[video].children?.removeAll { $0.id == ID.projection }
        tracks.children?[track].children?[video].children?.append(projection)
    }

    // MARK: Finding

    private static func element(at range: Range<Int>, of file: BinaryFile) throws(MediaError) -> MatroskaElement? {
        guard range.count <= largestElement else { return nil }
        return MatroskaElement.elements(in: try file.read(at: range.lowerBound, count: range.count)[...])?.first
    }

    /// The `Segment` element, and the locations of its children in the file.
    private struct Segment {
        struct Location {
            let id: UInt32
            /// Range including the header.
            let range: Range<Int>
        }

        let content: Range<Int>
        private(set) var elements: [Location] = []
        private let sizeWidth: Int
        private let isSizeKnown: Bool

        /// Nil if there is no segment, or an element in it has no known size.
        init?(_ file: BinaryFile) throws(MediaError) {
            func elementHeader(at offset: Int) throws(MediaError) -> MatroskaElement.Header? {
                MatroskaElement.Header(try file.read(at: offset, count: 12)[...])
            }
            guard let first = try elementHeader(at: 0), first.id == ID.header, let size = first.size else { return nil }
            let start = first.length + size
            guard let segment = try elementHeader(at: start), segment.id == ID.segment else { return nil }
            sizeWidth = segment.sizeWidth
            isSizeKnown = segment.size != nil
            let begin = start + segment.length
            content = begin..<min(file.length, segment.size.map { begin + $0 } ?? file.length)
            var offset = begin
            while offset < content.upperBound {
                guard let header = try elementHeader(at: offset), let size = header.size,
                    size <= content.upperBound - offset - header.length
                else { return nil }
                elements.append(Location(id: header.id, range: offset..<(offset + header.length + size)))
                offset += header.length + size
            }
        }

        /// Writes the new size in a field of the same width.
        func resize(by growth: Int, in file: BinaryFile, name: String) throws(MediaError) {
            guard isSizeKnown else { return }
            let size = MatroskaElement.size(content.count + growth, width: sizeWidth)
            guard size.count == sizeWidth else {
                throw MediaError("\(name): has no room for its new size; 360 metadata cannot be written")
            }
            try file.write(size, at: content.lowerBound - sizeWidth)
        }
    }
}
