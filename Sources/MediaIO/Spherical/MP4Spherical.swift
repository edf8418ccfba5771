/// Spherical metadata in MP4 and QuickTime files: the boxes `st3d` and `sv3d` in a video's sample entry, and a box
/// `uuid` in its track with XML for players that support only version 1.
/// <https://github.com/google/spatial-media/blob/master/docs/spherical-video-v2-rfc.md>
enum MP4Spherical {
    private static let xmlIdentifier: [UInt8] = [
        0xFF, 0xCC, 0x82, 0x63, 0xF8, 0x55, 0x4A, 0x93, 0x88, 0x14, 0x58, 0x7A, 0x02, 0x52, 0x1F, 0xDD,
    ]
    /// Maximum size of the box `moov` in bytes, enough for days of video.
    private static let largestMovie = 1 << 30

    // MARK: Reading

    static func read(_ file: BinaryFile) throws(MediaError) -> SphericalMetadata? {
        guard let movieRange = try movie(of: file) else { return nil }
        let bytes = try file.read(at: movieRange.lowerBound, count: movieRange.count)
        guard let movie = MP4Box.boxes(in: bytes[...])?.boxes.first,
            let track = movie.children.first(where: isVideo), let entry = sampleEntry(of: track)
        else { return nil }
        var found = entry.child("sv3d")?.child("proj").flatMap(metadata)
        if found == nil, let xml = track.children.first(where: isXML) {
            found = SphericalMetadata(videoXML: Array(xml.fields.dropFirst(xmlIdentifier.count)))
        }
        if let mode = entry.child("st3d")?.fields.bigEndian(at: 4, count: 1) { found?.isStereo = mode != 0 }
        return found
    }

    private static func metadata(_ projection: MP4Box) -> SphericalMetadata? {
        var metadata: SphericalMetadata
        if let box = projection.child("equi") {
            let isWhole = box.fields.dropFirst(4).allSatisfy { $0 == 0 }
            metadata = SphericalMetadata(isWhole ? .equirectangular : .other("a part of the sphere"))
        } else if let box = projection.child("cbmp"), let layout = box.fields.bigEndian(at: 4, count: 4),
            let padding = box.fields.bigEndian(at: 8, count: 4)
        {
            metadata = SphericalMetadata(.cubeMap(layout: UInt32(layout), padding: UInt32(padding)))
        } else if projection.child("mshp") != nil {
            metadata = SphericalMetadata(.other("a mesh"))
        } else {
            return nil
        }
        if let header = projection.child("prhd")?.fields {
            let angles = [4, 8, 12].map { header.bigEndian(at: $0, count: 4).map(degrees) ?? 0 }
            metadata.pose = .init(yaw: angles[0], pitch: angles[1], roll: angles[2])
        }
        return metadata
    }

    // MARK: Writing

    static func write(_ metadata: SphericalMetadata, into file: BinaryFile, name: String) throws(MediaError) {
        guard let movieRange = try movie(of: file) else { throw MediaError("\(name): has no index; is it cut short?") }
        let bytes = try file.read(at: movieRange.lowerBound, count: movieRange.count)
        guard var movie = MP4Box.boxes(in: bytes[...])?.boxes.first,
            let track = movie.children.firstIndex(where: isVideo), sampleEntry(of: movie.children[track]) != nil
        else { throw MediaError("\(name): has no video whose metadata could be written") }
        guard movie.child("mvex") == nil else {
            throw MediaError("\(name): is fragmented; 360 metadata are written into files with one index only")
        }
        movie.children[track].children.removeAll(where: isXML)
        if metadata.projection == .equirectangular {
            movie.children[track].children.append(
                MP4Box("uuid", fields: xmlIdentifier + SphericalMetadata.videoXML))
        }
        let added = boxes(metadata)
        movie.children[track].change(["mdia", "minf", "stbl", "stsd"]) { descriptions in
            descriptions.children[0].children.removeAll { ["st3d", "sv3d"].contains($0.type) }
            // Inserts after the mandatory boxes and before the optional ones.
            let position = descriptions.children[0].children.firstIndex {
                ["clap", "pasp", "colr", "fiel", "btrt", "gama"].contains($0.type)
            }
            let end = descriptions.children[0].children.endIndex
            descriptions.children[0].children.insert(contentsOf: added, at: position ?? end)
        }
        let growth = movie.bytes.count - bytes.count
        for index in movie.children.indices where movie.children[index].type == "trak" {
            var fits = true
            movie.children[index].change(["mdia", "minf", "stbl"]) { table in
                for index in table.children.indices {
                    fits = moveOffsets(&table.children[index], from: movieRange.upperBound, by: growth) && fits
                }
            }
            if !fits { throw MediaError("\(name): is damaged, or too long for 360 metadata: its index is full") }
        }
        try file.replace(movieRange, with: movie.bytes)
    }

    private static func boxes(_ metadata: SphericalMetadata) -> [MP4Box] {
        let projection: MP4Box
        switch metadata.projection {
        case .equirectangular: projection = MP4Box(full: "equi", fields: [UInt8](repeating: 0, count: 16))
        case .cubeMap(let layout, let padding):
            projection = MP4Box(
                full: "cbmp",
                fields: [UInt8](bigEndian: UInt64(layout), count: 4) + [UInt8](bigEndian: UInt64(padding), count: 4))
        case .other: return []
        }
        let pose = metadata.pose
        let header = MP4Box(full: "prhd", fields: [pose.yaw, pose.pitch, pose.roll].flatMap(fixedPoint))
        return [
            MP4Box(full: "st3d", fields: [0]),
            MP4Box(
                "sv3d",
                children: [
                    MP4Box(full: "svhd", fields: Array("Pentimento\0".utf8)),
                    MP4Box("proj", children: [header, projection]),
                ]),
        ]
    }

    /// Adds `distance` to all chunk offsets from `start` on.
    ///
    /// - Returns: false if an offset does not fit into the table or the table is damaged.
    private static func moveOffsets(_ table: inout MP4Box, from start: Int, by distance: Int) -> Bool {
        guard let width = ["stco": 4, "co64": 8][table.type] else { return true }
        guard let count = table.fields.bigEndian(at: 4, count: 4), table.fields.count >= 8 + Int(count) * width else {
            return false
        }
        for entry in 0..<Int(count) {
            let field = 8 + entry * width
            guard let offset = table.fields.bigEndian(at: field, count: width), offset >= UInt64(start) else {
                continue
            }
            let moved = Int64(bitPattern: offset) + Int64(distance)
            guard moved >= 0, width == 8 || moved <= Int64(UInt32.max) else { return false }
            table.fields.replaceSubrange(
                field..<(field + width), with: [UInt8](bigEndian: UInt64(moved), count: width))
        }
        return true
    }

    // MARK: Finding

    /// The range of the box `moov`; nil if there is none.
    private static func movie(of file: BinaryFile) throws(MediaError) -> Range<Int>? {
        var offset = 0
        while offset < file.length {
            let head = try file.read(at: offset, count: 16)
            guard var size = head.bigEndian(at: 0, count: 4) else { return nil }
            if size == 1 { size = head.bigEndian(at: 8, count: 8) ?? 0 }
            // Size 0, a box up to the end of the file, is not supported.
            guard size >= 8, size <= UInt64(file.length - offset) else { return nil }
            if head[4..<8].elementsEqual("moov".utf8) {
                return size <= UInt64(largestMovie) ? offset..<(offset + Int(size)) : nil
            }
            offset += Int(size)
        }
        return nil
    }

    private static func isVideo(_ box: MP4Box) -> Bool {
        box.type == "trak" && box.child("mdia")?.child("minf")?.child("vmhd") != nil
    }

    private static func isXML(_ box: MP4Box) -> Bool {
        box.type == "uuid" && box.fields.starts(with: xmlIdentifier)
    }

    private static func sampleEntry(of track: MP4Box) -> MP4Box? {
        track.child("mdia")?.child("minf")?.child("stbl")?.child("stsd")?.children.first
    }

    // MARK: Numbers

    /// Degrees from 16.16 fixed point.
    private static func degrees(_ value: UInt64) -> Double {
        Double(Int32(truncatingIfNeeded: value)) / 65536
    }

    private static func fixedPoint(_ degrees: Double) -> [UInt8] {
        let value = Int32((min(max(degrees, -180), 180) * 65536).rounded())
        return [UInt8](bigEndian: UInt64(UInt32(bitPattern: value)), count: 4)
    }
}
