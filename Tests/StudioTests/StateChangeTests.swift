import Foundation
import Studio
import Testing

@Suite struct StateChangeTests {
    private let styles = RecordingPainting().styles
    private let masks = RecordingPainting().masks

    @Test(arguments: [
        (#"{"strength": 0.25}"#, StudioField.strength, 0.25), (#"{"coherence": -4}"#, .coherence, -4.0),
        (#"{"fade": 60, "brush": 0.5}"#, .fade, 60.0), (#"{"blend": 1e-3}"#, .blend, 0.001),
    ])
    func numbersAreSet(_ json: String, _ field: StudioField, _ value: Double) throws {
        let state = try StateChange(json: Array(json.utf8)).applied(to: StudioState(), styles: styles)
        #expect(field.value(in: state) == .number(value))
    }

    @Test func theOtherFieldsStay() throws {
        var before = StudioState()
        (before.strength, before.brush, before.isRecording) = (0.5, 2, true)
        let change = try StateChange(json: Array(#"{"preserveColor": true, "style": "great-wave"}"#.utf8))
        let after = try change.applied(to: before, styles: styles)
        before.preserveColor = true
        before.style = "great-wave"
        #expect(after == before)
    }

    /// Each wrong input is refused with a line that names the field and says what is wrong.
    @Test(arguments: [
        ("", "not valid JSON"), ("{", "not valid JSON"), ("[]", "give an object of fields"), ("null", "give an object"),
        ("\"scream\"", "give an object of fields"), (#"{"strength": 1.5}"#, "strength: 1.5 is not within 0 to 1"),
        (#"{"strength": -0.1}"#, "strength: -0.1 is not within"), (#"{"strength": "1"}"#, "strength: give a number"),
        (#"{"strength": null}"#, "strength: give a number"), (#"{"strength": true}"#, "strength: give a number"),
        (#"{"strength": 1e999}"#, ""), (#"{"strengthy": 1}"#, #"the nearest is "strength""#),
        (#"{"isOriginal": 1}"#, "isOriginal: give true or false"),
        (#"{"brush": 0.49}"#, "brush: 0.49 is not within 0.5 to 2"),
        (#"{"style": 3}"#, "style: give the name"), (#"{"style": ["scream"]}"#, "style: give the name"),
        (#"{"mask": true}"#, "mask: give the name of a mask"), (#"{"bpm": 20}"#, "bpm: 20 is not within 30 to 300"),
        (#"{"fade": 61}"#, "fade: 61 is not within 0 to 60"), (#"{"coherence": 4.01}"#, "not within -4 to 4"),
    ])
    func wrongFieldsAreNamed(_ json: String, _ reason: String) {
        expectError(reason) { () throws(StudioError) in _ = try StateChange(json: Array(json.utf8)) }
    }

    @Test(arguments: [
        (#"{"style": "sceram"}"#, #"style: there is no style "sceram"; the nearest is "scream""#),
        (#"{"style": "Great Wave"}"#, #"the nearest is "great-wave""#), (#"{"style": ""}"#, "there is no style"),
        (#"{"secondStyle": "madona"}"#, #"secondStyle: there is no style "madona"; the nearest is "madonna""#),
        (
            #"{"secondStyle": "great-wave"}"#,
            #""great-wave" is of another model than "scream", with which these can be blended: madonna"#
        ),
        (#"{"style": "great-wave", "secondStyle": "scream"}"#, "with which none can be blended"),
        (#"{"mask": "faces.png"}"#, #"mask: there is no mask "faces.png"; the nearest is "face.png""#),
    ])
    func wrongStylesAreRefused(_ json: String, _ reason: String) throws {
        let change = try StateChange(json: Array(json.utf8))
        expectError(reason) { () throws(StudioError) in
            _ = try change.applied(to: StudioState(), styles: styles, masks: masks)
        }
    }

    @Test func anErrorIsOneShortLine() {
        let name = String(repeating: "x\u{1B}[31m\n", count: 20)
        let json = StudioJSON.encode(["style": name])
        expectError("there is no style") { () throws(StudioError) in
            _ = try StateChange(json: json).applied(to: StudioState(), styles: styles)
        }
        do throws(StudioError) { _ = try StateChange(json: json).applied(to: StudioState(), styles: styles) } catch {
            #expect(error.description.count < 200 && !error.description.contains { $0.isNewline || $0 == "\u{1B}" })
        }
    }

    /// A style of another model takes the second style away, which could not be blended into it.
    @Test func aStyleOfAnotherModelEndsTheBlend() throws {
        let blended = try StateChange(json: Array(#"{"secondStyle": "madonna", "blend": 0.5}"#.utf8))
            .applied(to: StudioState(), styles: styles)
        #expect(blended.secondStyle == "madonna")
        #expect(try StateChange(.style, .text("great-wave")).applied(to: blended, styles: styles).secondStyle == "")
        #expect(try StateChange(.style, .text("madonna")).applied(to: blended, styles: styles).secondStyle == "madonna")
    }

    @Test func aMaskIsChosenAndTakenAway() throws {
        let chosen = try StateChange(json: Array(#"{"mask": "face.png", "invertMask": true}"#.utf8))
            .applied(to: StudioState(), styles: styles, masks: masks)
        #expect(chosen.mask == "face.png" && chosen.invertMask && chosen.isMasked)
        // One that has gone since hinders no other change.
        #expect(try StateChange(.strength, .number(0)).applied(to: chosen, styles: styles).mask == "face.png")
        #expect(try StateChange(.mask, .text("")).applied(to: chosen, styles: styles).mask == "")
    }

    @Test func aChangeIsReadAsItIsWritten() throws {
        var state = StudioState()
        (state.secondStyle, state.blend, state.brush, state.isOriginal) = ("madonna", 0.3, 1.25, true)
        let change = StateChange(state)
        #expect(try StudioJSON.decode(StateChange.self, from: StudioJSON.encode(change)) == change)
        #expect(try change.applied(to: StudioState(), styles: styles) == state)
        // Each field of the state is in the table.
        let fields = try #require(
            JSONSerialization.jsonObject(with: Data(StudioJSON.encode(state))) as? [String: Any])
        #expect(Set(fields.keys) == Set(StudioField.allCases.map(\.rawValue)))
    }

    @Test func addressesOfOSCReachEachField() throws {
        for entry in OSCAddresses.all where !entry.type.isEmpty {
            let argument: StudioValue =
                switch entry.type {
                case "s": .text("madonna")
                case "f": .number(9e9)
                default: .number(1)
                }
            switch try OSCAddresses.action(entry.address, argument) {
            case .change(let change):
                let field = try #require(change.fields.first)
                #expect(entry.address == "/pentimento/\(field.rawValue)")
                // A fader that is out of range stands at its end.
                if let range = entry.range { #expect(change.values[field] == .number(range[1])) }
            case .preset(let name): #expect(entry.address.hasSuffix("/preset") && name == "madonna")
            default: Issue.record("\(entry.address)")
            }
        }
        #expect(try OSCAddresses.action("/pentimento/tap", nil) == .tap)
        expectError("the nearest is /pentimento/strength") { () throws(StudioError) in
            _ = try OSCAddresses.action("/pentimento/strengthy", .number(1))
        }
        expectError("all begin with /pentimento/") { () throws(StudioError) in _ = try OSCAddresses.action("/x", nil) }
        expectError("give a number") { () throws(StudioError) in
            _ = try OSCAddresses.action("/pentimento/fade", .text("1"))
        }
        expectError("not within") { () throws(StudioError) in
            _ = try OSCAddresses.action("/pentimento/fade", .number(.nan))
        }
    }
}

/// The body fails with an error whose line contains a text.
func expectError(
    _ reason: String, _ body: () throws(StudioError) -> Void, at location: SourceLocation = #_sourceLocation
) {
    do throws(StudioError) {
        try body()
        Issue.record("no error that contains “\(reason)”", sourceLocation: location)
    } catch {
        #expect(
            reason.isEmpty || error.description.contains(reason), "\(error.description)", sourceLocation: location)
    }
}
