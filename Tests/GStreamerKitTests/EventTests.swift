import CGStreamer
import CGStreamerCheck
import GStreamerKit
import Testing

/// Events and queries in both directions.
@Suite(.serialized) struct EventTests {
    private func event(_ type: GstEventType, _ name: String = "pentimento-test") -> UnsafeMutablePointer<GstEvent> {
        gst_event_new_custom(type, gst_structure_new_empty(name))
    }

    @Test func eventsFromUpstreamAreForwardedOrConsumed() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        var handling = EventHandling.forward
        var seen = 0
        side.hooks.sinkEvent = { event in
            guard event.pointee.type == GST_EVENT_CUSTOM_DOWNSTREAM else { return .forward }
            seen += 1
            return handling
        }
        harness.start(Frame.caps(4, 2))
        _ = harness.outgoingEvents()
        #expect(harness.push(event(GST_EVENT_CUSTOM_DOWNSTREAM)) && seen == 1)
        #expect(harness.outgoingEvents() == [GST_EVENT_CUSTOM_DOWNSTREAM])
        for answer in [true, false] {
            handling = .consume(answer)
            let own = event(GST_EVENT_CUSTOM_DOWNSTREAM)
            gst_mini_object_ref(miniObject(own))
            #expect(harness.push(own) == answer && harness.outgoingEvents() == [])
            // It was released.
            #expect(miniObject(own).pointee.refcount == 1)
            gst_mini_object_unref(miniObject(own))
        }
        #expect(seen == 3)
    }

    @Test func eventsFromDownstreamAreForwardedOrConsumed() throws {
        let harness = try Harness("testinvert name=e")
        var handling = EventHandling.forward
        try harness.side("e").hooks.sourceEvent = { event in
            event.pointee.type == GST_EVENT_CUSTOM_UPSTREAM ? handling : .forward
        }
        harness.start(Frame.caps(4, 2))
        _ = harness.upstreamEvents()
        #expect(gst_harness_push_upstream_event(harness.harness, event(GST_EVENT_CUSTOM_UPSTREAM)) != 0)
        #expect(harness.upstreamEvents() == [GST_EVENT_CUSTOM_UPSTREAM])
        for answer in [true, false] {
            handling = .consume(answer)
            let own = event(GST_EVENT_CUSTOM_UPSTREAM)
            gst_mini_object_ref(miniObject(own))
            #expect((gst_harness_push_upstream_event(harness.harness, own) != 0) == answer)
            #expect(harness.upstreamEvents() == [] && miniObject(own).pointee.refcount == 1)
            gst_mini_object_unref(miniObject(own))
        }
    }

    @Test func elementsSendEventsInBothDirections() throws {
        let harness = try Harness("testinvert name=first ! testinvert name=second")
        let (first, second) = (try harness.side("first"), try harness.side("second"))
        var names: [String] = []
        func note(_ place: String) -> (UnsafeMutablePointer<GstEvent>) -> EventHandling {
            { event in
                if let structure = gst_event_get_structure(event), gst_structure_has_name(structure, "answer") != 0 {
                    names.append(place)
                }
                return .forward
            }
        }
        first.hooks.sourceEvent = note("first")
        second.hooks.sinkEvent = note("second")
        harness.start(Frame.caps(4, 2))
        _ = (harness.outgoingEvents(), harness.upstreamEvents())
        #expect(second.sendUpstream(event(GST_EVENT_CUSTOM_UPSTREAM, "answer")))
        first.sendDownstream(event(GST_EVENT_CUSTOM_DOWNSTREAM, "answer"))
        #expect(names == ["first", "second"])
        #expect(harness.upstreamEvents() == [GST_EVENT_CUSTOM_UPSTREAM])
        #expect(harness.outgoingEvents() == [GST_EVENT_CUSTOM_DOWNSTREAM])
        first.hooks.sourceEvent = { _ in .consume(false) }
        #expect(!second.sendUpstream(event(GST_EVENT_CUSTOM_UPSTREAM, "answer")))
    }

    @Test func queriesAreAnsweredByTheElementsOfThePath() throws {
        let harness = try Harness("testinvert name=first ! identity ! testinvert name=second")
        let (first, second) = (try harness.side("first"), try harness.side("second"))
        func answering(_ name: String) -> (UnsafeMutablePointer<GstQuery>) -> Bool {
            { query in
                guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_writable_structure(query) else {
                    return false
                }
                StructureWriter(structure).set("by", name)
                return true
            }
        }
        func answer(_ ask: (UnsafeMutablePointer<GstQuery>) -> Bool) -> String? {
            guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty("pentimento-test")) else {
                return nil
            }
            defer { gst_mini_object_unref(miniObject(query)) }
            guard ask(query), let structure = gst_query_get_structure(query) else { return nil }
            return StructureReader(structure).text("by")
        }
        harness.start(Frame.caps(4, 2))
        #expect(answer(first.askDownstream) == nil && answer(second.askUpstream) == nil)
        second.hooks.sinkQuery = answering("second, from upstream")
        first.hooks.sourceQuery = answering("first, from downstream")
        #expect(answer(first.askDownstream) == "second, from upstream")
        #expect(answer(second.askUpstream) == "first, from downstream")
        // What an element does not answer itself goes on to the next one.
        let pads = try #require(harness.harness?.pointee)
        #expect(answer { gst_pad_peer_query(pads.srcpad, $0) != 0 } == "second, from upstream")
        #expect(answer { gst_pad_peer_query(pads.sinkpad, $0) != 0 } == "first, from downstream")
    }

    @Test func heldFramesAreSentLater() throws {
        let harness = try Harness("testinvert name=e active=false")
        let side = try harness.side("e")
        var held: [Frame] = []
        side.hooks.frame = { buffer, settings in
            guard settings[TestInvert.frames] < 2 else {
                for frame in held { #expect(side.sendDownstream(frame: frame.retained) == GST_FLOW_OK) }
                return .forward
            }
            gst_mini_object_ref(miniObject(buffer))
            held.append(Frame(taking: buffer))
            return .hold
        }
        harness.start(Frame.caps(4, 2))
        for index in 0..<3 {
            #expect(harness.push(Frame.make(4, 2, index: index)) == GST_FLOW_OK)
            if index < 2 { #expect(harness.pull() == nil) }
        }
        #expect((0..<3).map { _ in harness.pull()?.buffer.pointee.pts } == [0, 40_000_000, 80_000_000])
        #expect(harness.pull() == nil)
    }

    // MARK: - Flush and restart

    @Test func functionsAreCalledInOrder() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        func calls() -> [String] {
            defer { side.calls = [] }
            return side.calls.filter { $0 != "forgetAnswers" }
        }
        #expect(calls() == ["constructed"] && side.format == nil)
        harness.start(Frame.caps(4, 2))
        #expect(calls() == ["willStart", "start", "formatChanged 4x2"])
        #expect(side.format?.width == 4 && side.format?.layout == .rgb)
        harness.setCaps(Frame.caps(6, 3))
        #expect(calls() == ["formatChanged 6x3"] && side.format?.height == 3)
        #expect(harness.setState(GST_STATE_READY))
        #expect(calls() == ["willStop", "stop"] && side.format == nil)
        #expect(harness.setState(GST_STATE_PLAYING))
        #expect(calls() == ["start"])
        harness.begin(Frame.caps(4, 2))
        #expect(calls() == ["formatChanged 4x2"])
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_OK && harness.pull() != nil)
        #expect(harness.setState(GST_STATE_NULL))
        #expect(calls() == ["willStop", "stop"])
        #expect(harness.setState(GST_STATE_READY))
        #expect(calls() == ["willStart"])
    }

    @Test func framesGoOnAfterAFlush() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        harness.start(Frame.caps(4, 2))
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_OK && harness.pull() != nil)
        side.calls = []
        #expect(harness.push(gst_event_new_flush_start()) && side.calls == [])
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_FLUSHING)
        #expect(harness.push(gst_event_new_flush_stop(1)) && side.calls == ["forgetAnswers"])
        harness.begin(Frame.caps(4, 2))
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_OK && harness.pull() != nil)
        #expect(side.snapshot()[TestInvert.frames] == 2)
    }

    /// Answers of other elements may change with the start, caps and new links.
    @Test func answersAreForgottenWhenTheyMayChange() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        func forgets(_ change: () -> Void) -> Bool {
            side.calls = []
            change()
            return side.calls.contains("forgetAnswers")
        }
        #expect(forgets { harness.start() })
        #expect(forgets { harness.begin(Frame.caps(4, 2)) })
        #expect(!forgets { harness.push(Frame.make(4, 2)) })
        #expect(forgets { gst_harness_push_upstream_event(harness.harness, gst_event_new_reconfigure()) })
        #expect(!forgets { _ = harness.push(gst_event_new_eos()) })
        #expect(harness.setState(GST_STATE_READY))
        #expect(forgets { _ = harness.setState(GST_STATE_PLAYING) })
    }
}
