import Studio
import TestSupport
import Testing

@Suite struct CueTests {
    private func player(_ json: String) throws -> CuePlayer { CuePlayer(try CueList(json: Array(json.utf8))) }

    /// Steps through the times, and returns a field's values after them.
    private func values(
        _ json: String, _ field: KeyPath<StudioState, Double>, at times: [Double],
        meanwhile: (Double, inout StudioState) -> Void = { _, _ in }
    ) throws -> [Double] {
        var player = try player(json)
        var state = StudioState()
        return try times.map { time in
            meanwhile(time, &state)
            state = try player.step(to: time, from: state).applied(to: state, styles: RecordingPainting().styles)
            return state[keyPath: field]
        }
    }

    @Test func cuesComeAtTheirTimes() throws {
        let json = #"[{"at": 2, "change": {"strength": 0.5}}, {"at": 1, "change": {"strength": 0.75}}]"#
        #expect(try values(json, \.strength, at: [0, 0.99, 1, 1.5, 2, 3]) == [1, 1, 0.75, 0.75, 0.5, 0.5])
        // Those that a slow clock has passed are played in their order.
        #expect(try values(json, \.strength, at: [9]) == [0.5])
    }

    @Test func numbersMove() throws {
        let json = #"[{"at": 1, "change": {"strength": 0, "brush": 2}, "over": 4}]"#
        #expect(try values(json, \.strength, at: [1, 2, 3, 4, 5, 6]) == [1, 0.75, 0.5, 0.25, 0, 0])
        #expect(try values(json, \.brush, at: [0, 3, 7]) == [1, 1.5, 2])
    }

    @Test func aLaterCueTakesOver() throws {
        let json = """
            [{"at": 0, "change": {"strength": 0}, "over": 4}, {"at": 2, "change": {"strength": 1}, "over": 2},
             {"at": 5, "change": {"strength": 0.2}}]
            """
        #expect(try values(json, \.strength, at: [0, 2, 3, 4, 5, 6]) == [1, 0.5, 0.75, 1, 0.2, 0.2])
    }

    /// What a person sets meanwhile stays.
    @Test func aHandTakesOver() throws {
        let json = #"[{"at": 0, "change": {"strength": 0, "brush": 2}, "over": 4}]"#
        let hand = { (time: Double, state: inout StudioState) in if time == 2 { state.strength = 0.9 } }
        #expect(try values(json, \.strength, at: [0, 1, 2, 3, 4], meanwhile: hand) == [1, 0.75, 0.9, 0.9, 0.9])
        #expect(try values(json, \.brush, at: [0, 1, 2, 3, 4], meanwhile: hand) == [1, 1.25, 1.5, 1.75, 2])
    }

    @Test func aStyleIsFadedTo() throws {
        var player = try player(#"[{"at": 12.5, "change": {"style": "great-wave", "strength": 0.5}, "over": 2}]"#)
        #expect(player.step(to: 12, from: StudioState()).fields.isEmpty)
        #expect(player.nextTime(after: 12) == 12.5)
        var state = StudioState()
        state = try player.step(to: 12.5, from: state).applied(to: state, styles: RecordingPainting().styles)
        #expect(state.style == "great-wave" && state.fade == 2 && state.strength == 1 && !player.isFinished)
        state = try player.step(to: 20, from: state).applied(to: state, styles: RecordingPainting().styles)
        #expect(state.strength == 0.5 && player.isFinished && player.nextTime(after: 20) == nil)
    }

    @Test(arguments: [
        ("{}", "another kind"), (#"[{"at": 1}]"#, #"entry 1: "change" is missing"#),
        (#"[{"at": 1, "change": {}}, {"at": -1, "change": {}}]"#, #"entry 2: "at" is not within"#),
        (#"[{"at": 1, "change": {}, "over": -2}]"#, #"entry 1: "over" is not within"#),
        (#"[{"at": 1, "change": {"strength": 2}}]"#, #"entry 1: "change": strength: 2 is not within"#),
        (#"[{"at": 1, "change": {"strenth": 1}}]"#, #"the nearest is "strength""#),
        (#"[{"at": "1", "change": {}}]"#, #"entry 1: "at": this value is of another kind"#), ("[", "not valid JSON"),
    ])
    func wrongCuesAreNamed(_ json: String, _ reason: String) {
        expectError(reason) { () throws(StudioError) in _ = try CueList(json: Array(json.utf8)) }
    }

    @Test func aFileIsCheckedWhole() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("cues.json")
        expectError("cannot read") { () throws(StudioError) in _ = try CueList(contentsOf: path, styles: []) }
        try #"[{"at": 1, "change": {"style": "sceram"}}]"#.write(toFile: path, atomically: true, encoding: .utf8)
        expectError(#"at 1 s: style: there is no style "sceram"; the nearest is "scream""#) { () throws(StudioError) in
            _ = try CueList(contentsOf: path, styles: RecordingPainting().styles)
        }
    }
}
