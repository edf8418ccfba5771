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
}
