import CGStreamer
import GstPentimento
import Testing

/// How transformations affect the cube map meta.
@Suite struct CubeMapMetaTests {
    private func last(through text: String) throws -> CubeMapMeta? {
        let output = try #require(try ColumnFrame.run([ColumnFrame(index: 0)], through: text).last)
        let format = try #require(output.format)
        return CubeMapMeta.find(in: output.buffer, width: format.width, height: format.height)
    }

    @Test(arguments: [
        "queue", "identity", "identity single-segment=true ! queue ! identity",
        "videoconvert ! video/x-raw,format=BGRx",
        "videoconvert ! video/x-raw,format=I420 ! videoconvert ! video/x-raw,format=RGB",
        "tee name=t t. ! queue ! fakesink sync=false async=false t. ! queue", "opticalflow ! occlusioncheck",
    ])
    func survives(_ text: String) throws {
        #expect(try last(through: text) == CubeMapMeta(faceSize: 64, overlap: 0))
    }

    @Test(arguments: [
        "videoscale ! video/x-raw,width=32,height=192", "videocrop left=8", "videoflip video-direction=180",
    ])
    func transformationsOfTheFrame(_ text: String) throws {
        #expect(try last(through: text) == nil)
    }

    @Test func mismatchedMetasAreIgnored() throws {
        let buffer = try #require(gst_buffer_new())
        defer { gst_mini_object_unref(UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: GstMiniObject.self)) }
        let meta = CubeMapMeta(faceSize: 20, overlap: 3)
        meta.attach(to: buffer)
        #expect(CubeMapMeta.find(in: buffer, width: 26, height: 156) == meta)
        #expect(CubeMapMeta.find(in: buffer, width: 26, height: 155) == nil)
        #expect(CubeMapMeta.find(in: buffer, width: 20, height: 120) == nil)
        CubeMapMeta(faceSize: 0, overlap: 13).attach(to: buffer)
        #expect(CubeMapMeta.find(in: buffer, width: 26, height: 156) == nil)
    }

    @Test func otherLanguagesReadTheBytes() throws {
        let output = try #require(try ColumnFrame.run([ColumnFrame(index: 0)], through: "queue").last)
        var state: gpointer?
        let api = g_type_from_name(PENTIMENTO_CUBE_MAP_META_API)
        let meta = try #require(gst_buffer_iterate_meta_filtered(output.buffer, &state, api))
        let layout = UnsafeMutableRawPointer(meta).assumingMemoryBound(to: PentimentoCubeMapMeta.self).pointee
        #expect(layout.face_size == 64 && layout.overlap == 0)
    }
}
