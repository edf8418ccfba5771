import Foundation
import Imaging
import LivePipeline
import MediaIO
import Studio
import TestSupport
import Testing

/// What a state does to the frames.
@Suite struct StateTests {
    /// The original is the input, pixel by pixel, and at once.
    @Test func theOriginalIsTheInput() async throws {
        let play = try Play()
        let folder = try TemporaryFolder()
        try Pipeline(
            parsing: "videotestsrc pattern=smpte75 num-buffers=1 ! video/x-raw,format=RGB,width=64,height=48 "
                + "! filesink location=\"\(folder.path("frame"))\"", input: "pattern"
        ).run()
        let input = Array(try #require(FileManager.default.contents(atPath: folder.path("frame"))))
        #expect(difference(try await play.frame(), input) > 5)
        var state = StudioState()
        (state.isOriginal, state.fade) = (true, 60)
        play.painting.apply(state)
        #expect(try await isSeen(in: play) { $0 == input })
        play.painting.apply(StudioState())
        #expect(try await isSeen(in: play) { difference($0, input) > 5 })
    }

    /// Whether one of the next frames is as expected: on a busy machine every second one is painted, and some wait.
    private func isSeen(in play: Play, _ isExpected: ([UInt8]) -> Bool) async throws -> Bool {
        for _ in 0..<8 where isExpected(try await play.frame()) { return true }
        return false
    }

    /// Each change is there in the second frame that is painted after it, of a picture that stands still.
    @Test(arguments: [
        "style", "blend", "strength", "preserveColor",
    ])
    func aChangeIsSeenWithinTwoFrames(field: String) async throws {
        let play = try Play()
        for _ in 0..<3 { _ = try await play.frame() }
        let before = try await play.frame()
        var state = StudioState()
        state.fade = 0
        switch field {
        case "style": state.style = "great-wave"
        case "blend": (state.secondStyle, state.blend) = ("great-wave", 0.5)
        case "strength": state.strength = 0.5
        default: state.preserveColor = true
        }
        play.painting.apply(state)
        _ = try await play.frame()
        let after = try await play.frame()
        #expect(difference(before, after) > 3, "\(field)")
        // And it is the whole change: what comes later is not further from before.
        for _ in 0..<8 { _ = try await play.frame() }
        let later = try await play.frame()
        #expect(difference(after, later) < 0.5 * difference(before, later), "\(field)")
    }

    /// It is painted where the mask says; elsewhere the input stays, pixel by pixel.
    @Test func aMaskSaysWhereToPaint() async throws {
        let folder = try TemporaryFolder()
        // White at the right half.
        let mask = (0..<64 * 48).map { Float($0 % 64 < 32 ? 0 : 255) }
        try Image(width: 64, height: 48, samples: mask + mask + mask).write(to: folder.path("half.png"))
        let play = try Play { $0.masks = LiveMasks(folder: folder.path) }
        #expect(play.painting.masks == ["half.png"])
        var state = StudioState()
        state.isOriginal = true
        play.painting.apply(state)
        for _ in 0..<5 { _ = try await play.frame() }
        let input = try await play.frame()
        state = StudioState()
        state.mask = "half.png"
        for (isMasked, isInverted, expected) in [
            (true, false, [false, true]), (true, true, [true, false]), (false, true, [true, true]),
        ] {
            (state.isMasked, state.invertMask) = (isMasked, isInverted)
            play.painting.apply(state)
            #expect(
                try await isSeen(in: play) { frame in
                    let isPainted = [0, 32].map { start in
                        let half = frame.indices.filter { start..<start + 32 ~= $0 / 3 % 64 }
                        return difference(half.map { frame[$0] }, half.map { input[$0] }) > 3
                    }
                    return isPainted == expected
                }, "\(isMasked) \(isInverted)")
        }
    }

    /// The end of the slider is the other style.
    @Test func theSlidersEndIsTheSecondStyle() async throws {
        var state = StudioState()
        (state.secondStyle, state.blend) = ("great-wave", 1)
        let blended = try Play(Play.camera(), state)
        state = StudioState()
        state.style = "great-wave"
        let plain = try Play(Play.camera(), state)
        for _ in 0..<10 {
            _ = try await blended.frame()
            _ = try await plain.frame()
        }
        #expect(difference(try await blended.frame(), try await plain.frame()) < 1)
    }

    @Test func finerStrokesComeOnceTheirNetworkIsPlanned() async throws {
        let play = try Play(Play.camera(size: "width=160,height=120"))
        for _ in 0..<3 { _ = try await play.frame() }
        let before = try await play.frame()
        var state = StudioState()
        state.brush = 0.5
        play.painting.apply(state)
        var seen = 0.0
        for _ in 0..<100 where seen < 3 { seen = difference(before, try await play.frame()) }
        #expect(seen >= 3)
    }

    /// Changes at random, faster than frames come: the last one holds.
    @Test func noChangeIsLost() async throws {
        let play = try Play()
        var generator = SeededGenerator(seed: 7)
        var state = StudioState()
        for _ in 0..<500 {
            state.style = try #require(play.painting.styles.randomElement(using: &generator)).name
            state.secondStyle = try #require(play.painting.styles.randomElement(using: &generator)).name
            state.blend = Double.random(in: 0...1, using: &generator)
            state.strength = Double.random(in: 0...1, using: &generator)
            state.fade = 0
            play.painting.apply(state)
        }
        state = StudioState()
        (state.style, state.fade) = ("wheat-field", 0)
        play.painting.apply(state)
        for _ in 0..<10 { _ = try await play.frame() }
        let other = try Play(Play.camera(), state)
        for _ in 0..<10 { _ = try await other.frame() }
        #expect(difference(try await play.frame(), try await other.frame()) < 2)
        #expect(play.painting.statistics.trouble.isEmpty)
    }
}
