import CGStreamer
import GStreamerKit
import Imaging

/// `maskcombine`: attaches what a second input shows to frames, as the mask that says where `stylize` and `coherentstylize`
/// paint.
///
///     gst-launch-1.0 videotestsrc num-buffers=3 ! mask.sink \
///         videotestsrc pattern=circular num-buffers=3 ! mask.mask \
///         maskcombine name=mask ! coherentstylize ! videoconvert ! autovideosink
package final class MaskCombine: CombiningElement, @unchecked Sendable {
    package override class var secondInput: (name: String, caps: String) {
        (
            "mask",
            """
            video/x-raw, format=(string){ \((["GRAY8"] + FrameFormats.all.names).joined(separator: ", ")) }, \
            width=(int)[ 1, max ], height=(int)[ 1, max ]
            """
        )
    }

    package override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "maskcombine", typeName: "PentimentoMaskCombine", longName: "Mask of a second input",
        classification: "Filter/Effect/Video",
        about: "Attaches a second input's frames as masks that say where stylize and coherentstylize paint",
        author: elementAuthor, formats: .all, properties: [])

    /// Of the second input.
    private var format: GreyFormat?
    /// Of the last mask: one payload for all frames that it is attached to.
    private var mask: (payload: UnsafeMutablePointer<GstBuffer>, width: Int, height: Int)?

    package override func receives(_ caps: UnsafeMutablePointer<GstCaps>?) { format = GreyFormat(caps) }

    package override func received(_ buffer: UnsafeMutablePointer<GstBuffer>) throws {
        guard let plane = try format?.levels(of: buffer) else { return }
        forget()
        mask = MaskMeta.payload(plane).map { ($0, plane.width, plane.height) }
    }

    package override func combine(_ frame: UnsafeMutablePointer<GstBuffer>) throws {
        guard let mask else { return }
        MaskMeta.attach(mask.payload, width: mask.width, height: mask.height, to: frame)
    }

    package override func forget() {
        release(mask?.payload)
        mask = nil
    }

    deinit { forget() }
}
