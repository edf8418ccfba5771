import ArgumentParser
import Studio

/// Control of a live painting by files, other programs and devices.
struct ControlOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A JSON file that says what changes when.", valueName: "file"))
    var cues: String?

    @Option(help: ArgumentHelp("UDP port at which Open Sound Control is received; 0: a free one.", valueName: "port"))
    var oscPort: UInt16?

    @Option(
        help: ArgumentHelp(
            "IPv4 address of this machine at which it is received; 0.0.0.0: all of them. OSC has no passwords.",
            valueName: "address"))
    var oscAddress = "127.0.0.1"

    @Flag(help: "Open the MIDI port Pentimento, to which aconnect connects controllers.")
    var midi = false

    @Option(help: ArgumentHelp("The same, connected to a controller that aconnect -i lists.", valueName: "name"))
    var midiSource: String?

    @Option(help: ArgumentHelp("A JSON file that says which control does what.", valueName: "file"))
    var midiMap: String?

    @Option(
        help: ArgumentHelp(
            "Bind the next control that moves to this field of the state, and write it into the file of --midi-map.",
            valueName: "field"),
        completion: .list(StudioField.allCases.map(\.rawValue)), transform: field(parsing:))
    var midiLearn: StudioField?

    /// Whether MIDI is wanted.
    var usesMIDI: Bool { midi || midiSource != nil || midiMap != nil || midiLearn != nil }

    func validate() throws {
        guard midiLearn == nil || midiMap != nil else {
            throw ValidationError("--midi-learn goes together with --midi-map, into which it writes")
        }
    }
}

@Sendable private func field(parsing text: String) throws -> StudioField {
    guard let field = StudioField(rawValue: text) else {
        throw ValidationError("fields are \(StudioField.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return field
}
