import Foundation
import Studio
import TestSupport
import Testing

@Suite struct StoreTests {
    private let painting = RecordingPainting()

    @Test func eachChangeIsAppliedOnce() throws {
        let store = StudioStateStore(painting: painting)
        try store.change(StateChange(.strength, .number(0.5)))
        try store.change(StateChange(.strength, .number(0.5)))
        expectError("there is no style") { () throws(StudioError) in
            try store.change(StateChange(.style, .text("none")))
        }
        try store.change(StateChange(.isOriginal, .flag(true)))
        #expect(painting.states.map(\.strength) == [1, 0.5, 0.5])
        #expect(painting.states.map(\.isOriginal) == [false, false, true])
        #expect(store.snapshot.state == painting.states.last)
    }

    @Test func versionsGrowAndListenersGetTheNewest() async throws {
        let store = StudioStateStore(painting: painting)
        var listener = store.changes().makeAsyncIterator()
        #expect(await listener.next()?.state == StudioState())
        for step in 1...100 { try store.change(StateChange(.strength, .number(Double(step) / 200))) }
        let snapshot = try #require(await listener.next())
        #expect(snapshot.state.strength == 0.5 && snapshot.version == store.snapshot.version)
    }

    @Test func changesFromManySidesAreAllMade() async throws {
        let store = StudioStateStore(painting: painting)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<8 {
                group.addTask {
                    for step in 0..<100 {
                        let field: StudioField = index % 2 == 0 ? .strength : .blend
                        _ = try? store.change(StateChange(field, .number(Double(step) / 100)))
                    }
                }
            }
        }
        #expect(store.snapshot.version == 800)
        #expect(painting.states.last == store.snapshot.state)
    }

    @Test func changesWaitForTheBeat() throws {
        let clock = SetClock()
        let store = StudioStateStore(painting: painting, now: { clock.seconds })
        let wave = try StateChange(.style, .text("great-wave"))
        store.tap()
        clock.seconds = 1
        #expect(store.tap().tempo.beatsPerMinute == 60)
        #expect(store.snapshot.state.bpm == 60)
        clock.seconds = 1.25
        #expect(try store.change(wave, at: .beat).isWaiting)
        try store.change(StateChange(.strength, .number(0.5)), at: .bar)
        for (time, style, strength) in [
            (1.9, "scream", 1.0), (2, "great-wave", 1), (3.9, "great-wave", 1), (4, "great-wave", 0.5),
        ] {
            clock.seconds = time
            store.applyDue()
            #expect(store.snapshot.state.style == style && store.snapshot.state.strength == strength, "\(time)")
        }
        #expect(!store.snapshot.isWaiting)
    }

    /// A tempo that is set as a number goes on from the same place in the bar.
    @Test func theTempoIsSet() throws {
        let clock = SetClock()
        let store = StudioStateStore(painting: painting, now: { clock.seconds })
        #expect(store.snapshot.tempo.beatsPerMinute == 120 && store.snapshot.tempo.untilBar == 2)
        // Half a beat into the second beat.
        clock.seconds = 0.75
        let tempo = try store.change(StateChange(.bpm, .number(60))).tempo
        #expect(tempo.beatsPerMinute == 60 && tempo.untilBeat == 0.5 && tempo.untilBar == 2.5)
        // A tap afterwards begins anew.
        clock.seconds = 1
        #expect(store.tap().tempo.beatsPerMinute == 60)
    }

    /// Who asks often before a beat makes no queue; what was asked for last counts.
    @Test func whatWaitsIsOneChange() throws {
        let clock = SetClock()
        let store = StudioStateStore(painting: painting, now: { clock.seconds })
        for step in 0...1000 { try store.change(StateChange(.strength, .number(Double(step) / 1000)), at: .beat) }
        try store.change(StateChange(.brush, .number(2)), at: .beat)
        clock.seconds = 0.5
        let before = painting.states.count
        store.applyDue()
        #expect(painting.states.count == before + 1)
        #expect(store.snapshot.state.strength == 1 && store.snapshot.state.brush == 2)
    }

    /// A change made at once is not undone by one of the same field that was waiting.
    @Test func aHandIsFasterThanTheBeat() throws {
        let clock = SetClock()
        let store = StudioStateStore(painting: painting, now: { clock.seconds })
        store.tap()
        clock.seconds = 1
        store.tap()
        var change = try StateChange(.strength, .number(0.5))
        try change.set(.style, to: .text("great-wave"))
        try store.change(change, at: .beat)
        try store.change(StateChange(.style, .text("madonna")))
        clock.seconds = 9
        store.applyDue()
        #expect(store.snapshot.state.style == "madonna" && store.snapshot.state.strength == 0.5)
    }

    // MARK: - Presets

    @Test func presetsAreKept() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("data/presets.json")
        let store = StudioStateStore(painting: painting, presets: Presets(path: path))
        var change = try StateChange(.brush, .number(1.5))
        try change.set(.isRecording, to: .flag(true))
        try store.change(change)
        try store.savePreset("Encore – é")
        #expect(store.snapshot.presets == ["Encore – é"])

        let later = StudioStateStore(painting: RecordingPainting(), presets: Presets(path: path))
        #expect(later.snapshot.presets == ["Encore – é"])
        let kept = try #require(try later.preset("Encore – é"))
        try later.change(kept)
        #expect(later.snapshot.state.brush == 1.5)
        // A preset starts no recording.
        #expect(!later.snapshot.state.isRecording)
        #expect(try later.removePreset("Encore – é"))
        #expect(try !later.removePreset("Encore – é"))
        #expect(later.snapshot.presets.isEmpty)
    }

    @Test(arguments: [
        "", " a", "a ", ".", "..", "a/b", "a\\b", "a\nb", "a\u{0}", "\u{202E}a", String(repeating: "n", count: 61),
    ])
    func namesAreChecked(_ name: String) throws {
        let folder = try TemporaryFolder()
        let presets = Presets(path: folder.path("presets.json"))
        expectError("preset ") { () throws(StudioError) in try presets.save(StateChange(), as: name) }
        #expect(!FileManager.default.fileExists(atPath: presets.path))
    }

    /// A file that cannot be read is left as it is.
    @Test(arguments: ["", "[]", #"{"a": 1}"#, #"{"a": {"strength": 7}}"#])
    func aDamagedFileStays(_ text: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("presets.json")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let store = StudioStateStore(painting: painting, presets: Presets(path: path))
        expectError("mend the file") { () throws(StudioError) in try store.savePreset("new") }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test func thereAreNotTooMany() throws {
        let folder = try TemporaryFolder()
        let presets = Presets(path: folder.path("presets.json"))
        let many = Dictionary(uniqueKeysWithValues: (0..<200).map { ("preset \($0)", StateChange()) })
        try Data(StudioJSON.encode(many)).write(to: URL(fileURLWithPath: presets.path))
        expectError("there are 200 presets already") { () throws(StudioError) in
            try presets.save(StateChange(), as: "another")
        }
        try presets.save(StateChange(.strength, .number(0)), as: "preset 7")
        #expect(try presets.all()["preset 7"]?.fields == [.strength])
    }
}
