import CGStreamer
import CGStreamerCheck
import GStreamerKit
import Imaging
import Testing

/// A Swift error in any of an element's functions is one GStreamer error.
@Suite(.serialized) struct FailureTests {
    private struct Trouble: Error, CustomStringConvertible { let description = "Trouble." }

    /// The texts of the errors so far.
    private func errors(_ harness: Harness) -> [String] { harness.messages(GST_MESSAGE_ERROR).map(\.text) }

    @Test func anErrorBeforeTheStartKeepsTheElementFromStarting() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        side.hooks.willStart = { throw Trouble() }
        #expect(!harness.setState(GST_STATE_READY))
        #expect(errors(harness) == ["Trouble."])
        side.hooks.willStart = {}
        #expect(harness.setState(GST_STATE_READY) && errors(harness) == [])
    }

    @Test func anErrorAtTheStartKeepsTheElementFromStarting() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        side.hooks.start = { throw ElementError(.settings, "Bad.", remedy: "Change it.") }
        #expect(!harness.setState(GST_STATE_PAUSED))
        #expect(errors(harness) == ["Bad. Change it."])
        #expect(harness.setState(GST_STATE_NULL))
        side.hooks.start = {}
        harness.start(Frame.caps(4, 2))
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_OK)
    }

    @Test func capsThatCauseAnErrorAreRefused() throws {
        let harness = try Harness("testinvert name=e")
        try harness.side("e").hooks.formatChanged = { if $0.width == 5 { throw Trouble() } }
        harness.start()
        harness.setCaps(Frame.caps(5, 2))
        #expect(errors(harness) == ["Trouble."])
        #expect(harness.push(Frame.make(5, 2)) == GST_FLOW_NOT_NEGOTIATED)
        #expect(try harness.side("e").snapshot()[TestInvert.frames] == 0)
        // A frame is another attempt.
        _ = errors(harness)
        harness.begin(Frame.caps(4, 2))
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_OK && errors(harness) == [])
    }

    @Test func anErrorOfAFrameEndsTheStream() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        side.hooks.frame = { _, settings in
            if settings[TestInvert.frames] == 1 { throw Trouble() }
            return .forward
        }
        harness.start(Frame.caps(4, 2))
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_OK)
        #expect(harness.push(Frame.make(4, 2, index: 1)) == GST_FLOW_ERROR)
        #expect(errors(harness) == ["Trouble."])
        #expect(harness.pull() != nil && harness.pull() == nil)
        // Later frames are processed again.
        #expect(harness.push(Frame.make(4, 2, index: 2)) == GST_FLOW_OK && errors(harness) == [])
    }

    @Test func streamingMayEndWithoutAnError() throws {
        let harness = try Harness("testinvert name=e")
        let ends = [GST_FLOW_EOS, GST_FLOW_FLUSHING, GST_FLOW_NOT_LINKED]
        try harness.side("e").hooks.frame = { _, settings in
            throw StreamingEnds(ends[Int(settings[TestInvert.frames])])
        }
        harness.start(Frame.caps(4, 2))
        for (index, end) in ends.enumerated() { #expect(harness.push(Frame.make(4, 2, index: index)) == end) }
        #expect(harness.pull() == nil && errors(harness) == [])
    }

    /// Work that was cancelled is incomplete: its frame and its errors are dropped.
    @Test func cancelledFramesAreFlushed() throws {
        let harness = try Harness("testinvert name=e")
        try harness.side("e").hooks.frame = { _, settings in
            if settings[TestInvert.frames] == 1 { throw Trouble() }
            return .forward
        }
        harness.start(Frame.caps(4, 2))
        let cancellation = Cancellation()
        cancellation.request()
        cancellation.follow {
            for index in 0..<2 { #expect(harness.push(Frame.make(4, 2, index: index)) == GST_FLOW_FLUSHING) }
        }
        #expect(harness.pull() == nil && errors(harness) == [])
        #expect(harness.push(Frame.make(4, 2, index: 2)) == GST_FLOW_OK)
    }

    @Test func framesWithoutCapsAreRefused() throws {
        let harness = try Harness("testinvert name=e")
        harness.start()
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_NOT_NEGOTIATED)
        #expect(try harness.side("e").snapshot()[TestInvert.frames] == 0)
    }

    @Test func anErrorOfAConversionEndsTheStream() throws {
        let harness = try Harness("testreduce name=e")
        try harness.side("e", as: TestReduce.self).frameHook = { throw Trouble() }
        harness.start(Frame.caps(4, 2))
        #expect(harness.push(Frame.make(4, 2)) == GST_FLOW_ERROR)
        #expect(errors(harness) == ["Trouble."] && harness.pull() == nil)
    }

    @Test func sizesThatCannotBeConvertedAreRefused() throws {
        let harness = try Harness("testreduce name=e")
        try harness.side("e", as: TestReduce.self).formatHook = { input, _ in
            if input.width == 6 { throw Trouble() }
        }
        harness.start()
        for (width, text) in [(5, "5x2 is not divisible by 2. Scale it."), (6, "Trouble.")] {
            harness.setCaps(Frame.caps(width, 2))
            #expect(errors(harness) == [text])
            #expect(harness.push(Frame.make(width, 2)) == GST_FLOW_NOT_NEGOTIATED && harness.pull() == nil)
            _ = errors(harness)
        }
        harness.begin(Frame.caps(8, 2))
        #expect(harness.push(Frame.make(8, 2)) == GST_FLOW_OK && errors(harness) == [])
    }
}
