import CGStreamer
import GstPentimento
import Testing

/// The stylizer's output keeps its metas only if an element downstream reads them.
@Suite(.serialized) struct MetaReaderTests {
    /// The number of flow metas on the second output frame.
    private func flowMetas(behind chain: String) throws -> Int {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: 32, 24)
        pipeline.start()
        var count = -1
        for index in 0..<2 {
            pipeline.push(patternFrame(32, 24, shift: index), time: UInt64(index) * 40_000_000)
            let output = try #require(pipeline.pull { count = FlowMeta.find(in: $0) == nil ? 0 : 1 })
            #expect(output.width == 32)
        }
        return count
    }

    @Test func metasAreDroppedWithoutReader() throws {
        #expect(try flowMetas(behind: "opticalflow ! occlusioncheck ! flowwarp ! stylize") == 0)
        #expect(try flowMetas(behind: "coherentstylize ! queue ! videoconvert") == 0)
    }

    @Test(arguments: ["temporalmeter", "queue ! videoconvert ! identity ! flowdraw", "tee ! queue ! temporalmeter"])
    func metasAreKeptForAReader(reader: String) throws {
        #expect(try flowMetas(behind: "coherentstylize ! \(reader)") == 1)
    }

    @Test func policyOverridesReaders() throws {
        #expect(try flowMetas(behind: "coherentstylize metas=keep") == 1)
        #expect(try flowMetas(behind: "coherentstylize metas=drop ! temporalmeter") == 0)
    }

    @Test func readersAreAskedForOncePerNegotiation() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! opticalflow ! stylize name=style ! identity name=end ! "
                + "appsink name=out sync=false enable-last-sample=false")
        let queries = try PadCounter(queries: "pentimento/read-metas", at: "src", of: "style", in: pipeline)
        var index = 0
        func pass(_ count: Int, width: Int) throws -> OutputFrame? {
            var last: OutputFrame?
            for _ in 0..<count {
                pipeline.push([TestFrame(width: width, height: 24, layout: .rgb, index: index)])
                last = try pipeline.pull()
                index += 1
            }
            return last
        }
        func setCaps(width: Int) {
            pipeline.setCaps(TestFrame(width: width, height: 24, layout: .rgb, index: 0).caps)
        }
        setCaps(width: 32)
        pipeline.play()
        #expect(try pass(4, width: 32)?.flow == nil)
        #expect(queries.current == 1)
        setCaps(width: 40)
        #expect(try pass(3, width: 40)?.flow == nil)
        #expect(queries.current == 2)
        gst_element_send_event(try pipeline.child("in"), gst_event_new_flush_start())
        gst_element_send_event(try pipeline.child("in"), gst_event_new_flush_stop(0))
        #expect(try pass(3, width: 40)?.flow == nil)
        #expect(queries.current == 3)

        // A reader that is linked while the pipeline plays.
        let bin = UnsafeMutableRawPointer(pipeline.element).assumingMemoryBound(to: GstBin.self)
        let (style, end) = (try pipeline.child("style"), try pipeline.child("end"))
        let reader = try #require(gst_element_factory_make("flowdraw", "reader"))
        gst_util_set_object_arg(
            UnsafeMutableRawPointer(reader).assumingMemoryBound(to: GObject.self), "opacity", "0")
        gst_element_unlink(style, end)
        gst_bin_add(bin, reader)
        #expect(gst_element_link(reader, end) != 0)
        gst_element_sync_state_with_parent(reader)
        #expect(gst_element_link(style, reader) != 0)
        #expect(try pass(3, width: 40)?.flow != nil)
        #expect(queries.current == 4)
    }
}
