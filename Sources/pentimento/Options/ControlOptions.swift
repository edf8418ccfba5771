import ArgumentParser
import Studio
import StudioControls
import Support

/// Options for Open Sound Control and MIDI.
struct ControlOptions: ParsableArguments {
    @Option(help: "Listen for Open Sound Control at this UDP port.")
    var oscPort: UInt16?

    @Option(help: "The address that Open Sound Control is received at; 0.0.0.0: the whole network can send.")
    var oscAddress = "127.0.0.1"

    @Flag(help: "Open the MIDI port Pentimento of ALSA's sequencer.")
    var midi = false

    @Option(help: "Connect this MIDI controller, by its name or address as `aconnect -i` lists it.")
    var midiSource: String?

    @Option(help: "A JSON file that says which MIDI control does what.")
    var midiMap: String?

    @Option(help: "Bind the next MIDI control that moves to this field, and write that into the file of --midi-map.")
    var midiLearn: String?

    func validate() throws {
        if let midiLearn, Self.learnable.allSatisfy({ $0 != midiLearn }) {
            throw ValidationError("--midi-learn binds one of \(Self.learnable.joined(separator: ", "))")
        }
    }

    /// The fields that a control can move.
    private static let learnable = StudioField.allCases.filter { field in
        if case .style = field.place { false } else { true }
    }.map(\.rawValue)

    /// What listens, as long as it is held.
    struct Receivers {
        let osc: OSCReceiver?
        let midi: MIDIReceiver?

        func stop() {
            osc?.stop()
            midi?.stop()
        }
    }

    /// Begins to listen for what is asked for.
    ///
    /// - Parameter tell: gets lines for the user: what was learned.
    /// - Throws: `StudioError` if a port is in use, there is no sequencer, or a file is wrong.
    func listen(for studio: ControlledStudio, tell: @escaping @Sendable (String) -> Void) throws -> Receivers {
        let osc = try oscPort.map { try OSCReceiver(address: oscAddress, port: $0, studio: studio) }
        guard midi || midiSource != nil || midiMap != nil || midiLearn != nil else {
            return Receivers(osc: osc, midi: nil)
        }
        var mapping = MIDIMapping.standard
        if let midiMap, Files.isThere(midiMap) { mapping = try MIDIMapping(contentsOf: midiMap) }
        let mapper = MIDIMapper(mapping: mapping, learning: midiLearn.flatMap(StudioField.init(rawValue:)))
        let receiver = try MIDIReceiver(mapper: mapper, source: midiSource, studio: studio) {
            [midiMap] field, mapping in
            tell("MIDI: \(field.rawValue) follows this control now")
            guard let midiMap else { return tell("MIDI: with --midi-map it would be kept in a file") }
            do throws(StudioError) { try mapping.write(to: midiMap) } catch { tell(error.description) }
        }
        return Receivers(osc: osc, midi: receiver)
    }
}
