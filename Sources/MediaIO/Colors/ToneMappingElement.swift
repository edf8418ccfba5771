import CGStreamer
import GStreamerKit
import Imaging

/// Maps the colors of HDR frames, PQ or HLG, to SDR, in place; other frames pass unchanged. The caps still say HDR:
/// ``Pipeline/markToneMappedColors(at:)`` changes them behind the element.
final class ToneMappingElement: TransformElement, @unchecked Sendable {
    static let peak = Property<Int>(
        "peak", nick: "Peak", blurb: "Luminance of the brightest color in cd/m²; 0: 1000", range: 0...10_000,
        default: 0,
        flags: .mutableReady)

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "pentimentosdr", typeName: "PentimentoToneMapping", longName: "Tone mapping",
        classification: "Filter/Effect/Video", about: "Maps the colors of HDR frames to SDR", author: "Pentimento",
        formats: .all, properties: [peak])

    /// Makes the element known to this process; no other one sees it.
    static let isRegistered = register(plugin: nil)

    private var mapping: ToneMapping?

    override func formatChanged(to format: VideoFormat) throws {
        let peak = startSettings[Self.peak]
        mapping = format.colorimetry.hdrTransfer.map { ToneMapping(from: $0, peak: peak > 0 ? Double(peak) : nil) }
        gst_base_transform_set_passthrough(transform, mapping == nil ? 1 : 0)
    }

    override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        guard let mapping else { return }
        let isFull = format.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255
        try format.withFrame(of: buffer, writing: true) { frame in
            var image = frame.networkImage()
            mapping.apply(to: &image)
            frame.withColors { .yuv(red: 0.2126, blue: 0.0722, isFull: isFull, bits: $0) }.store(image)
        }
    }
}

extension GstVideoColorimetry {
    /// How HDR's code values stand for light; nil for SDR.
    var hdrTransfer: ToneMapping.Transfer? {
        switch transfer {
        case GST_VIDEO_TRANSFER_SMPTE2084: .pq
        case GST_VIDEO_TRANSFER_ARIB_STD_B67: .hlg
        default: nil
        }
    }
}
