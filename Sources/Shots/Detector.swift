/// What the cuts of a film depend on. Whoever paints it by shots has to paint with the same.
public struct Detector: Sendable, Equatable, Codable {
    /// The command that paints: `stylize`, `optimize` or `sphere`.
    public var painting: String
    /// Preset of the flow.
    public var flow: String
    /// Resolution of the flow as a fraction of the frame's; 0: as `pixels` says.
    public var scale: Double
    /// Most pixels at which flow is computed.
    public var pixels: Int
    /// Share of blocks without a match above which a cut is found.
    public var sceneCut: Double
    /// Size of the frames, such as `640x360`.
    public var size: String
    /// What is done with interlaced frames.
    public var deinterlace: String
    /// Whether HDR frames stay as they are.
    public var keepHDR: Bool
    /// Layout and size of the faces of a sphere, such as `equirectangular 480+64`; empty: no sphere.
    public var faces: String

    enum CodingKeys: String, CodingKey {
        case painting = "for"
        case flow, scale, pixels
        case sceneCut = "scene-cut"
        case size, deinterlace
        case keepHDR = "keep-hdr"
        case faces
    }

    /// The settings.
    public init(
        painting: String, flow: String, scale: Double, pixels: Int, sceneCut: Double, size: String,
        deinterlace: String, keepHDR: Bool, faces: String = ""
    ) {
        (self.painting, self.flow, self.scale, self.pixels) = (painting, flow, scale, pixels)
        (self.sceneCut, self.size, self.deinterlace) = (sceneCut, size, deinterlace)
        (self.keepHDR, self.faces) = (keepHDR, faces)
    }

    /// Names and values, in the order of the file; texts are quoted as JSON has them.
    public var fields: [(name: String, value: String)] {
        let all: [(CodingKeys, String)] = [
            (.painting, quoted(painting)), (.flow, quoted(flow)), (.scale, number(scale)), (.pixels, "\(pixels)"),
            (.sceneCut, number(sceneCut)), (.size, quoted(size)), (.deinterlace, quoted(deinterlace)),
            (.keepHDR, "\(keepHDR)"), (.faces, quoted(faces)),
        ]
        return all.map { ($0.0.stringValue, $0.1) }
    }

    /// The first setting in which it differs from another, as `flow is "fast", not "medium"`; nil if none does.
    public func difference(from other: Detector) -> String? {
        for (mine, its) in zip(fields, other.fields) where mine.value != its.value {
            return "\(mine.name) is \(mine.value), not \(its.value)"
        }
        return nil
    }
}
