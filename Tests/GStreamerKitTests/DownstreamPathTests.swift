import CGStreamer
import CGStreamerCheck
import GStreamerKit
import Testing

/// Whether a frame is on the way from an element to another one.
@Suite(.serialized) struct DownstreamPathTests {
    private func address(_ name: String, _ harness: Harness) throws -> UInt {
        UInt(bitPattern: try harness.child(name))
    }

    /// Asked on another thread, since a thread may take its own stream lock again.
    private func isIdle(_ side: TestInvert, to address: UInt) -> Bool? {
        onOtherThread { side.isPathIdle(to: address) }
    }

    @Test func aThreadInAnElementIsOnTheWay() throws {
        let harness = try Harness("testinvert name=first ! identity ! testinvert name=second")
        let (first, second) = (try harness.side("first"), try harness.side("second"))
        let (target, source) = (try address("second", harness), try address("first", harness))
        var found: [Bool?] = []
        second.hooks.frame = { _, _ in
            found.append(isIdle(first, to: target))
            // Not downstream: everything is checked.
            found.append(isIdle(first, to: source))
            found.append(onOtherThread { first.isStreaming })
            return .forward
        }
        harness.start(Frame.caps(4, 2))
        #expect(isIdle(first, to: target) == true && onOtherThread { first.isStreaming } == false)
        harness.push(Frame.make(4, 2))
        #expect(found == [false, false, true])
        #expect(isIdle(first, to: target) == true && onOtherThread { first.isStreaming } == false)
    }

    /// Waits until the queue's thread has sent on what begins the stream.
    private func settle(_ harness: Harness, _ side: TestInvert, to address: UInt) {
        while gst_harness_events_received(harness.harness) < 3 || isIdle(side, to: address) == false {
            g_thread_yield()
        }
    }

    /// A queue that waits for a second frame.
    private static let waiting = "queue min-threshold-buffers=2"

    @Test func aFrameInAQueueIsOnTheWay() throws {
        let harness = try Harness("testinvert name=first ! identity name=near ! \(Self.waiting) ! identity name=far")
        let first = try harness.side("first")
        let (near, far) = (try address("near", harness), try address("far", harness))
        harness.start(Frame.caps(4, 2))
        settle(harness, first, to: far)
        harness.push(Frame.make(4, 2))
        #expect(isIdle(first, to: far) == false && isIdle(first, to: near) == true)
    }

    @Test func onlyTheBranchToTheElementCounts() throws {
        let harness = try Harness(
            "testinvert name=first ! tee name=t ! identity name=left ! funnel name=f "
                + "t. ! \(Self.waiting) ! identity name=right ! f. f. ! identity name=end")
        let first = try harness.side("first")
        harness.start(Frame.caps(4, 2))
        harness.push(Frame.make(4, 2))
        #expect(isIdle(first, to: try address("left", harness)) == true)
        #expect(isIdle(first, to: try address("right", harness)) == false)
        #expect(isIdle(first, to: 0) == false)
    }

    @Test func aFrameAtABlockedPadIsOnTheWay() throws {
        let harness = try Harness("testinvert name=first ! queue name=q ! identity name=far")
        let first = try harness.side("first")
        let far = try address("far", harness)
        let queue = UnsafeMutableRawPointer(try harness.child("q")).assumingMemoryBound(to: GstElement.self)
        let pad = try #require(gst_element_get_static_pad(queue, "src"))
        defer { gst_object_unref(pad) }
        harness.start(Frame.caps(4, 2))
        let types = GST_PAD_PROBE_TYPE_BLOCK.rawValue | GST_PAD_PROBE_TYPE_BUFFER.rawValue
        let probe = gst_pad_add_probe(pad, GstPadProbeType(types), { _, _, _ in GST_PAD_PROBE_OK }, nil, nil)
        harness.push(Frame.make(4, 2))
        while gst_pad_is_blocking(pad) == 0 { g_thread_yield() }
        #expect(try harness.child("q").text("current-level-buffers") == "0")
        #expect(isIdle(first, to: far) == false)
        gst_pad_remove_probe(pad, probe)
        #expect(harness.wait() != nil)
    }

    @Test func withoutAnElementDownstreamNothingIsOnTheWay() throws {
        let harness = try Harness("testinvert name=first")
        let first = try harness.side("first")
        #expect(first.isPathIdle(to: 0) && !first.isStreaming)
    }
}
