import CGStreamer
import CGStreamerCheck
import GStreamerKit
import Testing

/// Which values of the properties a frame gets.
@Suite(.serialized) struct SnapshotTests {
    @Test func aSnapshotIsUnaffectedByLaterChanges() throws {
        let harness = try Harness("testinvert name=e")
        let (object, side) = (try harness.child("e"), try harness.side("e"))
        let before = side.snapshot()
        object.set("count", "9")
        side.publish(3, as: TestInvert.frames)
        #expect(before[TestInvert.count] == 7 && before[TestInvert.frames] == 0)
        #expect(side.snapshot()[TestInvert.count] == 9 && side.snapshot()[TestInvert.frames] == 3)
    }

    @Test func aPropertyThatIsNotListedHasItsDefault() throws {
        let snapshot = try Harness("testinvert name=e").side("e").snapshot()
        #expect(snapshot[TestReduce.divisor] == 2)
        // Neither is a value of another type taken.
        let other = Property<String>("count", nick: "", blurb: "", default: "other", flags: [])
        #expect(snapshot[other] == "other")
    }

    @Test func changesDuringAFrameApplyFromTheNext() throws {
        let harness = try Harness("testinvert name=e")
        let (object, side) = (try harness.child("e"), try harness.side("e"))
        var counts: [[Int]] = []
        side.hooks.frame = { _, settings in
            let first = settings[TestInvert.count]
            object.set("count", "\(first + 1)")
            counts.append([first, settings[TestInvert.count]])
            return .forward
        }
        harness.start(Frame.caps(4, 2))
        for index in 0..<3 { harness.push(Frame.make(4, 2, index: index)) }
        #expect(counts == [[7, 7], [8, 8], [9, 9]])
        #expect(object.text("frames") == "3")
    }

    @Test func startSettingsChangeWithTheNextStart() throws {
        let harness = try Harness("testinvert name=e")
        let (object, side) = (try harness.child("e"), try harness.side("e"))
        func limit() -> UInt64 { side.startSettings[TestInvert.limit] }
        object.set("limit", "5")
        #expect(limit() == 5)
        var atStart: UInt64?
        side.hooks.start = { atStart = limit() }
        harness.start(Frame.caps(4, 2))
        object.set("limit", "6")
        #expect(atStart == 5 && limit() == 5 && side.snapshot()[TestInvert.limit] == 6)
        #expect(harness.setState(GST_STATE_READY))
        #expect(limit() == 6)
        object.set("limit", "7")
        #expect(harness.setState(GST_STATE_PLAYING))
        #expect(atStart == 7 && limit() == 7)
    }

    /// Controllers have set their properties when the frame's snapshot is taken.
    @Test func controllersSetEachFramesValues() throws {
        let harness = try Harness("testinvert name=e")
        let (object, side) = (try harness.child("e"), try harness.side("e"))
        let control = try #require(gst_interpolation_control_source_new())
        defer { gst_object_unref(control) }
        UnsafeMutableRawPointer(control).assumingMemoryBound(to: GObject.self).set("mode", "linear")
        let values = UnsafeMutableRawPointer(control).assumingMemoryBound(to: GstTimedValueControlSource.self)
        gst_timed_value_control_source_set(values, 0, 0)
        gst_timed_value_control_source_set(values, 160_000_000, 1)
        gst_object_add_control_binding(
            side.gstObject, gst_direct_control_binding_new(side.gstObject, "strength", control))
        var strengths: [Double] = []
        side.hooks.frame = { _, settings in
            strengths.append(settings[TestInvert.strength])
            return .forward
        }
        harness.start(Frame.caps(4, 2))
        for index in 0..<5 { harness.push(Frame.make(4, 2, index: index)) }
        try #require(strengths.count == 5)
        for (index, strength) in strengths.enumerated() { #expect(abs(strength - Double(index) / 4) < 1e-9) }
        #expect(object.text("strength") == "1")
    }
}
