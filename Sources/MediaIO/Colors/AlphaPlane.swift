import CGStreamer
import GStreamerKit
import Imaging

/// Turns the alpha of RGBA into luma, for an encoder of its own. Chroma is that of grey.
final class AlphaPlane: ReformattingElement, @unchecked Sendable {
    fileprivate static let name = "pentimentoalpha"

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: name, typeName: "PentimentoAlphaPlane", longName: "Alpha plane",
        classification: "Filter/Converter/Video", about: "Turns alpha into luma", author: "Pentimento", formats: .all,
        properties: [])

    /// Makes the element known to this process; no other one sees it.
    static let isRegistered = register(plugin: nil)

    override func convert(
        _ input: UnsafeMutablePointer<GstBuffer>, _ inputFormat: VideoFormat,
        to output: UnsafeMutablePointer<GstBuffer>, _ outputFormat: VideoFormat
    ) throws {
        try inputFormat.withFrame(of: input, writing: false) { frame in
            try outputFormat.withFrame(of: output, writing: true) { frame.packed?.storeAlpha(asLumaOf: $0) }
        }
    }
}

extension Pipeline {
    /// The element from RGBA to luma and chroma of 8 bits; caps behind it say which.
    package static var alphaPlane: String { AlphaPlane.name }
}
