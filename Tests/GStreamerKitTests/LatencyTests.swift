import CGStreamer
import CGStreamerCheck
import GStreamerKit
import Testing

/// The processing time that an element adds to a live pipeline's latency.
@Suite(.serialized) struct LatencyTests {
    private let time = ProcessingTime()

    @Test func theFirstFramesAreIgnored() {
        for _ in 0..<3 { #expect(!time.record(nanoseconds: 1_000_000_000)) }
        #expect(time.latency(live: true) == 0)
        #expect(!time.record(nanoseconds: 1000))
        #expect(time.latency(live: true) == 1000)
    }

    /// The latency that was announced stays, and grows with the longest frame.
    @Test func theLongestFrameCounts() {
        for _ in 0..<4 { _ = time.record(nanoseconds: 5_000_000) }
        #expect(time.latency(live: true) == 5_000_000)
        for _ in 0..<1000 { #expect(!time.record(nanoseconds: 1_000_000)) }
        #expect(time.latency(live: true) == 5_000_000)
        // Up to a quarter and 2 ms more are not announced.
        #expect(!time.record(nanoseconds: 8_250_000))
        #expect(time.record(nanoseconds: 8_251_000))
        #expect(!time.record(nanoseconds: 8_251_000))
        // A tenth more than measured.
        #expect(time.latency(live: true) == 9_076_100)
        time.reset()
        #expect(time.latency(live: true) == 0)
    }

    @Test func theMaximumDecaysSlowly() {
        for _ in 0..<4 { _ = time.record(nanoseconds: 100_000_000) }
        for _ in 0..<100 { _ = time.record(nanoseconds: 0) }
        let latency = time.latency(live: false)
        #expect(latency > 90_000_000 && latency < 91_000_000)
    }

    @Test func nothingIsAnnouncedWhenNotLive() {
        #expect(time.latency(live: false) == 0)
        for _ in 0..<9 { #expect(!time.record(nanoseconds: 1_000_000_000)) }
        #expect(time.latency(live: false) == 1_000_000_000)
    }

    @Test func elementsAddTheirTimesToTheUpstreamLatency() throws {
        let harness = try Harness("testinvert name=first ! testinvert name=second")
        harness.start(Frame.caps(4, 2))
        gst_harness_set_upstream_latency(harness.harness, 1_000_000)
        let sides = [try harness.side("first"), try harness.side("second")]
        for (side, milliseconds) in zip(sides, [4, 16] as [UInt64]) {
            for _ in 0..<4 { _ = side.processingTime.record(nanoseconds: milliseconds * 1_000_000) }
        }
        #expect(gst_harness_query_latency(harness.harness) == 21_000_000)
        // The latency of another format is another.
        harness.setCaps(Frame.caps(6, 3))
        #expect(gst_harness_query_latency(harness.harness) == 1_000_000)
    }

    @Test(arguments: [false, true]) func waitingForOthersDoesNotCount(isForeign: Bool) throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        side.hooks.frame = { _, _ in
            if isForeign { side.foreignTime = .max }
            return .forward
        }
        harness.start(Frame.caps(256, 256))
        gst_harness_set_upstream_latency(harness.harness, 1)
        for index in 0..<8 { #expect(harness.push(Frame.make(256, 256, index: index)) == GST_FLOW_OK) }
        let latency = gst_harness_query_latency(harness.harness)
        #expect(isForeign ? latency == 1 : latency > 1)
    }
}
