/// XML of version 1 of Google's Spherical Video, and XMP of its photo spheres.
/// <https://github.com/google/spatial-media/blob/master/docs/spherical-video-rfc.md>,
/// <https://developers.google.com/streetview/spherical-metadata>
extension SphericalMetadata {
    /// Reads an image's XMP; nil if it has no `GPano` projection.
    init?(xmp: [UInt8]) {
        guard let projection = xmlValue(of: "GPano:ProjectionType", in: xmp) else { return nil }
        let isWhole =
            Self.sameOrMissing("GPano:FullPanoWidthPixels", "GPano:CroppedAreaImageWidthPixels", in: xmp)
            && Self.sameOrMissing("GPano:FullPanoHeightPixels", "GPano:CroppedAreaImageHeightPixels", in: xmp)
        if projection != "equirectangular" {
            self.init(.other("a \(projection) projection"))
        } else if !isWhole {
            self.init(.other("a part of the sphere"))
        } else {
            self.init()
        }
        for name in Self.viewFields {
            if let value = xmlValue(of: "GPano:\(name)", in: xmp), Double(value) != nil { view[name] = value }
        }
    }

    private static let viewFields = [
        "PoseHeadingDegrees", "PosePitchDegrees", "PoseRollDegrees", "InitialViewHeadingDegrees",
        "InitialViewPitchDegrees", "InitialViewRollDegrees", "InitialHorizontalFOVDegrees",
    ]

    private static func sameOrMissing(_ first: String, _ second: String, in xml: [UInt8]) -> Bool {
        guard let first = xmlValue(of: first, in: xml), let second = xmlValue(of: second, in: xml) else { return true }
        return first == second
    }

    /// XMP for an equirectangular image.
    func xmp(width: Int, height: Int) -> [UInt8] {
        var fields = [
            ("UsePanoramaViewer", "True"), ("ProjectionType", "equirectangular"),
            ("FullPanoWidthPixels", "\(width)"), ("FullPanoHeightPixels", "\(height)"),
            ("CroppedAreaImageWidthPixels", "\(width)"), ("CroppedAreaImageHeightPixels", "\(height)"),
            ("CroppedAreaLeftPixels", "0"), ("CroppedAreaTopPixels", "0"),
        ]
        for name in Self.viewFields {
            if let value = view[name] { fields.append((name, value)) }
        }
        let elements = fields.map { "   <GPano:\($0)>\($1)</GPano:\($0)>\n" }.joined()
        return Array(
            """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
             <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
              <rdf:Description rdf:about="" xmlns:GPano="http://ns.google.com/photos/1.0/panorama/">
            \(elements)  </rdf:Description>
             </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="r"?>
            """.utf8)
    }

    /// Reads a video's XML of version 1; nil if it is not spherical.
    init?(videoXML xml: [UInt8]) {
        guard xmlValue(of: "GSpherical:Spherical", in: xml)?.lowercased() == "true",
            let projection = xmlValue(of: "GSpherical:ProjectionType", in: xml)
        else { return nil }
        let isWhole =
            Self.sameOrMissing("GSpherical:FullPanoWidthPixels", "GSpherical:CroppedAreaImageWidthPixels", in: xml)
            && Self.sameOrMissing(
                "GSpherical:FullPanoHeightPixels", "GSpherical:CroppedAreaImageHeightPixels", in: xml)
        if projection != "equirectangular" {
            self.init(.other("a \(projection) projection"))
        } else {
            self.init(isWhole ? .equirectangular : .other("a part of the sphere"))
        }
        isStereo = (xmlValue(of: "GSpherical:StereoMode", in: xml) ?? "mono") != "mono"
    }

    /// XML of version 1, which supports equirectangular frames only, without pose.
    static let videoXML = Array(
        """
        <?xml version="1.0"?><rdf:SphericalVideo xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
        xmlns:GSpherical="http://ns.google.com/videos/1.0/spherical/"><GSpherical:Spherical>true</GSpherical:Spherical>\
        <GSpherical:Stitched>true</GSpherical:Stitched>\
        <GSpherical:StitchingSoftware>Pentimento</GSpherical:StitchingSoftware>\
        <GSpherical:ProjectionType>equirectangular</GSpherical:ProjectionType></rdf:SphericalVideo>
        """.utf8)
}

/// The text of the first element `<name>text</name>` or attribute `name="text"`.
private func xmlValue(of name: String, in xml: [UInt8]) -> String? {
    var start = 0
    while let index = xml.firstIndex(of: name.utf8, from: start) {
        start = index + name.utf8.count
        let rest = xml[start...].drop { $0 == UInt8(ascii: " ") }
        let end: UInt8
        switch rest.first {
        case UInt8(ascii: ">"): end = UInt8(ascii: "<")
        case UInt8(ascii: "="):
            guard let quote = rest.dropFirst().first(where: { $0 != UInt8(ascii: " ") }) else { return nil }
            end = quote
        default: continue
        }
        guard let opening = end == UInt8(ascii: "<") ? rest.startIndex : rest.firstIndex(of: end),
            let closing = xml[(opening + 1)...].firstIndex(of: end)
        else { return nil }
        let text = xml[(opening + 1)..<closing]
        return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    return nil
}
