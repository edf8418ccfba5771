import Foundation
import Studio
import StudioControls
import TestSupport
import Testing

/// What events of MIDI do, and the port that they arrive at.
@Suite struct MIDITests {
    private static let styles = ["scream", "great-wave", "starry-night"]

    private func change(_ field: StudioField, _ value: StudioValue) throws -> StudioAction {
        .change(try StateChange(field, value))
    }

    private func actions(_ event: MIDIEvent, by mapping: MIDIMapping = .standard) -> [StudioAction] {
        var mapper = MIDIMapper(mapping: mapping)
        return mapper.actions(for: event, styles: Self.styles).actions
    }

    @Test func theStandardMapping() throws {
        let table: [(MIDIEvent, StudioField, StudioValue)] = [
            (.control(channel: 1, number: 1, value: 0), .strength, .number(0)),
            (.control(channel: 16, number: 1, value: 127), .strength, .number(1)),
            (.control(channel: 3, number: 71, value: 0), .coherence, .number(-4)),
            (.control(channel: 3, number: 72, value: 127), .fade, .number(60)),
            (.control(channel: 1, number: 74, value: 127), .brush, .number(2)),
            (.control(channel: 1, number: 64, value: 63), .isOriginal, .flag(false)),
            (.control(channel: 1, number: 64, value: 64), .isOriginal, .flag(true)),
            (.note(channel: 1, number: 36, velocity: 9), .style, .text("scream")),
            (.note(channel: 9, number: 38, velocity: 127), .style, .text("starry-night")),
            (.program(channel: 1, number: 1), .style, .text("great-wave")),
        ]
        for (event, field, value) in table { #expect(actions(event) == [try change(field, value)]) }
        for event in [
            .note(channel: 1, number: 36, velocity: 0), .note(channel: 1, number: 39, velocity: 9),
            .note(channel: 1, number: 35, velocity: 9), .control(channel: 1, number: 2, value: 9),
            .program(channel: 1, number: 3),
        ] as [MIDIEvent] { #expect(actions(event).isEmpty) }
    }

    @Test func bindingsOfAFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("midi.json")
        try Data(
            #"""
            {"bindings": [
                {"control": 20, "channel": 2, "field": "blend"}, {"note": 60, "field": "isOriginal"},
                {"note": 36, "style": "starry-night"}, {"control": 21, "action": "tap"},
                {"program": 5, "preset": "calm"}, {"note": 61, "action": "snapshot"}]}
            """#.utf8
        ).write(to: URL(fileURLWithPath: path))
        let mapping = try MIDIMapping(contentsOf: path)
        let table: [(MIDIEvent, [StudioAction])] = [
            (.control(channel: 2, number: 20, value: 127), [try change(.blend, .number(1))]),
            (.control(channel: 1, number: 20, value: 127), []),
            (.note(channel: 4, number: 60, velocity: 1), [try change(.isOriginal, .flag(true))]),
            (.note(channel: 4, number: 60, velocity: 0), [try change(.isOriginal, .flag(false))]),
            (.note(channel: 1, number: 36, velocity: 1), [try change(.style, .text("starry-night"))]),
            (.note(channel: 1, number: 37, velocity: 1), [try change(.style, .text("great-wave"))]),
            (.control(channel: 1, number: 21, value: 127), [.tap]), (.control(channel: 1, number: 21, value: 0), []),
            (.program(channel: 1, number: 5), [.preset("calm")]),
            (.note(channel: 1, number: 61, velocity: 64), [.snapshot]),
        ]
        for (event, wanted) in table { #expect(actions(event, by: mapping) == wanted, "\(event)") }
        let copy = folder.path("copy.json")
        try mapping.write(to: copy)
        #expect(try MIDIMapping(contentsOf: copy) == mapping)
    }

    @Test func wrongFilesSayWhatIsWrong() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("midi.json")
        for (text, word) in [
            ("", path), ("[]", path), (#"{"bindings": [{"control": 1}]}"#, "one of field, style, preset and action"),
            (#"{"bindings": [{"field": "blend"}]}"#, "one of control, note and program"),
            (#"{"bindings": [{"control": 1, "note": 2, "field": "blend"}]}"#, "one of control"),
            (#"{"bindings": [{"control": 1, "field": "blend"}, {"control": 128, "field": "blend"}]}"#, "binding 2"),
            (#"{"bindings": [{"control": 1, "channel": 0, "field": "blend"}]}"#, "channels are 1 to 16"),
            (#"{"bindings": [{"control": 1, "field": "blent"}]}"#, "no field “blent”"),
            (#"{"bindings": [{"control": 1, "field": "style"}]}"#, "give style and its name"),
            (#"{"bindings": [{"note": 1, "action": "dance"}]}"#, "tap and snapshot"),
            (#"{"bindings": [{"control": "one", "field": "blend"}]}"#, path),
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            do throws(StudioError) {
                let mapping = try MIDIMapping(contentsOf: path)
                Issue.record("\(text): \(mapping)")
            } catch { #expect(error.description.contains(word), "\(text): \(error)") }
        }
        do throws(StudioError) { _ = try MIDIMapping(contentsOf: "/nowhere/midi.json") } catch {
            #expect(error.description.contains("/nowhere/midi.json"))
        }
    }

    @Test func theNextControlThatMovesIsLearned() throws {
        var mapper = MIDIMapper(learning: .blend)
        func send(_ number: Int, _ value: Int) -> (actions: [StudioAction], learned: StudioField?) {
            mapper.actions(for: .control(channel: 3, number: number, value: value), styles: Self.styles)
        }
        // Another one that trembles is not meant.
        for value in [50, 51, 50, 52] { #expect(send(9, value).learned == nil) }
        #expect(send(20, 10).learned == nil)
        #expect(send(20, 12).learned == nil)
        let moved = send(20, 127)
        #expect(moved.learned == .blend)
        #expect(moved.actions == [try change(.blend, .number(1))])
        #expect(mapper.learning == nil)
        #expect(send(20, 0).actions == [try change(.blend, .number(0))])
        // What the field was bound to before does nothing any more; others stay.
        #expect(send(7, 100).actions.isEmpty)
        #expect(send(1, 127).actions == [try change(.strength, .number(1))])
    }

    /// A button sends 127 and nothing else.
    @Test func buttonsAreLearned() throws {
        var mapper = MIDIMapper(learning: .isOriginal)
        let pressed = mapper.actions(for: .control(channel: 1, number: 44, value: 127), styles: [])
        #expect(pressed.learned == .isOriginal)
        #expect(pressed.actions == [try change(.isOriginal, .flag(true))])
        let key = mapper.actions(for: .note(channel: 1, number: 60, velocity: 9), styles: [])
        #expect(key.actions.isEmpty)
    }

    /// By a virtual port of another program, where the system has a sequencer.
    @Test(.timeLimit(.minutes(1))) func anotherProgramDrivesTheState() async throws {
        let driven = DrivenStudio()
        guard FileManager.default.isWritableFile(atPath: "/dev/snd/seq") else {
            do throws(StudioError) { _ = try MIDIReceiver(mapper: MIDIMapper(), studio: driven.studio) } catch {
                #expect(error.description.contains("/dev/snd/seq") && error.description.contains("snd-seq"))
            }
            try TestData.skip("there is no /dev/snd/seq, ALSA's sequencer")
        }
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/aseqsend") else {
            try TestData.skip("there is no aseqsend; install alsa-utils")
        }
        let receiver = try MIDIReceiver(mapper: MIDIMapper(), studio: driven.studio)
        defer { receiver.stop() }
        let sender = try ChildProcess("aseqsend", ["-p", "Pentimento", "B0 01 00 90 25 40"])
        #expect(sender.wait(20) == .exited(0))
        #expect(await driven.reaches { $0.strength == 0 && $0.style == "great-wave" })
    }
}
