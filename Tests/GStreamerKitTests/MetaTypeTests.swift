import CGStreamer
import GStreamerKit
import Testing

/// A meta with a payload, which is kept while the frame is whole.
private let testMeta: MetaType<PentimentoFlowMeta> = MetaType(
    apiName: "PentimentoTestMetaAPI",
    free: { meta, _ in MetaType<PentimentoFlowMeta>.release(meta, payloads: \.backward) },
    transform: { target, meta, _, type, data in
        testMeta.copy(meta, to: target, type, data, payloads: \.backward) == nil ? 0 : 1
    })

@discardableResult private func attach(
    _ distance: guint, _ payload: UnsafeMutablePointer<GstBuffer>? = nil, to buffer: UnsafeMutablePointer<GstBuffer>
) -> UnsafeMutablePointer<PentimentoFlowMeta>? {
    let meta = testMeta.attach(to: buffer)
    meta?.pointee.distance = distance
    meta?.pointee.backward = retained(payload)
    return meta
}

/// Metas of a type of one's own.
@Suite(.serialized) struct MetaTypeTests {
    private func distances(_ buffer: UnsafeMutablePointer<GstBuffer>) -> [guint] {
        testMeta.all(of: buffer).map(\.pointee.distance)
    }

    private func frame() throws -> Frame { Frame(taking: try #require(Frame.make(8, 4))) }

    @Test func metasAreAttachedEmptyAndInOrder() throws {
        let frame = try frame()
        let empty = try #require(testMeta.attach(to: frame.buffer))
        #expect(empty.pointee.distance == 0 && empty.pointee.frame == 0 && empty.pointee.discontinuity == 0)
        #expect(empty.pointee.backward == nil && empty.pointee.forward == nil)
        attach(5, to: frame.buffer)
        attach(3, to: frame.buffer)
        #expect(distances(frame.buffer) == [0, 5, 3])
        #expect(String(cString: g_type_name(empty.pointee.meta.info.pointee.api)) == "PentimentoTestMetaAPI")
        testMeta.removeAll(from: frame.buffer)
        #expect(distances(frame.buffer) == [])
    }

    /// A copy shares the payload, and the last one releases it.
    @Test func copiesShareThePayload() throws {
        let payload = try frame()
        func references() -> Int { Int(miniObject(payload.buffer).pointee.refcount) }
        do {
            let original = try frame()
            attach(1, payload.buffer, to: original.buffer)
            #expect(references() == 2)
            do {
                let copy = Frame(taking: try #require(gst_buffer_copy(original.buffer)))
                #expect(distances(copy.buffer) == [1] && references() == 3)
                #expect(testMeta.all(of: copy.buffer).first?.pointee.backward == payload.buffer)
            }
            #expect(references() == 2)
        }
        #expect(references() == 1)
    }

    @Test func partsHaveNoMeta() throws {
        let original = try frame()
        attach(1, to: original.buffer)
        let flags = GstBufferCopyFlags(rawValue: GST_BUFFER_COPY_META.rawValue | GST_BUFFER_COPY_MEMORY.rawValue)
        let part = Frame(taking: try #require(gst_buffer_copy_region(original.buffer, flags, 8, 16)))
        #expect(distances(part.buffer) == [] && distances(original.buffer) == [1])
    }

    @Test(arguments: [
        ("testinvert", true), ("testreduce divisor=1", false), ("testreduce", false), ("identity", true),
        ("videoconvert ! capsfilter caps=video/x-raw,format=BGRx", true),
        ("videoscale ! capsfilter caps=video/x-raw,width=4,height=2", true),
        ("videoscale ! capsfilter caps=video/x-raw,width=8,height=8,pixel-aspect-ratio=1/1", false),
        ("videocrop left=2", false), ("videoflip video-direction=horiz", false), ("videobox left=-8", false),
    ])
    func transformationsKeepOrDropTheMeta(chain: String, isKept: Bool) throws {
        let harness = try Harness(chain)
        harness.start(Frame.caps(8, 4))
        // Others hold the frame too, so that each element makes a new one.
        let input = try frame()
        attach(7, to: input.buffer)
        #expect(harness.push(input.retained) == GST_FLOW_OK)
        let output = try #require(harness.wait())
        #expect(output.buffer != input.buffer || chain == "identity")
        #expect(distances(output.buffer) == (isKept ? [7] : []))
    }

    /// The size of equal display aspect ratio, up to a pixel.
    @Test(arguments: [
        (64, 48, 1, 1, 32, 24, 1, 1, true), (64, 48, 1, 1, 64, 48, 1, 1, true), (64, 48, 1, 1, 64, 24, 1, 1, false),
        (64, 48, 1, 1, 64, 24, 1, 2, true), (720, 576, 16, 15, 768, 576, 1, 1, true),
        (720, 576, 16, 15, 720, 576, 1, 1, true), (720, 576, 16, 15, 640, 576, 1, 1, false),
        (101, 57, 1, 1, 50, 28, 1, 1, true), (101, 57, 1, 1, 50, 30, 1, 1, false),
    ])
    func scalingKeepsTheShape(
        width: Int, height: Int, n: Int, d: Int, newWidth: Int, newHeight: Int, newN: Int, newD: Int, follows: Bool
    ) {
        var (before, after) = (GstVideoInfo(), GstVideoInfo())
        (before.width, before.height, before.par_n, before.par_d) = (gint(width), gint(height), gint(n), gint(d))
        (after.width, after.height, after.par_n, after.par_d) = (
            gint(newWidth), gint(newHeight), gint(newN), gint(newD)
        )
        withUnsafeMutablePointer(to: &before) { before in
            withUnsafeMutablePointer(to: &after) { after in
                var transform = GstVideoMetaTransform(in_info: before, out_info: after)
                let scale = gst_video_meta_transform_scale_get_quark()
                #expect(followsImage(scale, &transform) == follows)
                #expect(keepsSize(scale, &transform) == (width == newWidth && height == newHeight))
                #expect(!followsImage(g_quark_from_string("another-transformation"), &transform))
            }
        }
        #expect(!followsImage(gst_video_meta_transform_scale_get_quark(), nil))
    }

    /// Another version of the library may have registered the type with another layout.
    @Test func otherLayoutsAreLeftOut() throws {
        let frame = try frame()
        attach(1, to: frame.buffer)
        let other = MetaType<PentimentoCubeMapMeta>(
            apiName: "PentimentoTestMetaAPI", free: { _, _ in }, transform: { _, _, _, _, _ in 0 })
        #expect(other.attach(to: frame.buffer) == nil && other.all(of: frame.buffer).isEmpty)
        other.removeAll(from: frame.buffer)
        #expect(distances(frame.buffer) == [1])

        let api = g_type_from_name("PentimentoTestMetaAPI")
        let information = gst_meta_register(
            api, "PentimentoTestMetaOther", gsize(MemoryLayout<PentimentoCubeMapMeta>.size), { _, _, _ in 1 },
            { _, _ in }, { _, _, _, _, _ in 0 })
        #expect(gst_buffer_add_meta(frame.buffer, information, nil) != nil)
        #expect(distances(frame.buffer) == [1])
        testMeta.removeAll(from: frame.buffer)
        #expect(gst_buffer_get_meta(frame.buffer, api) == nil)

        // The same type again is the same.
        attach(2, to: frame.buffer)
        let same = MetaType<PentimentoFlowMeta>(
            apiName: "PentimentoTestMetaAPI", free: { _, _ in }, transform: { _, _, _, _, _ in 0 })
        #expect(same.all(of: frame.buffer).map(\.pointee.distance) == [2])
    }
}
