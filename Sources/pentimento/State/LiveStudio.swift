import LivePipeline
import Studio
import StudioControls
import StudioServer
import Support

/// What drives a live painting: the page, Open Sound Control, MIDI and cues. They end with it.
final class LiveStudio {
    /// Of the page, with the token where one is needed; empty: there is no page.
    let addresses: [String]
    private var tasks: [Task<Void, Never>] = []
    private var osc: OSCReceiver?
    private var midi: MIDIReceiver?

    /// - Parameter say: gets a line about what happens.
    /// - Throws: if a port is in use, or a file or a device is not there.
    init(
        _ painting: LivePipeline, _ state: StudioState, page: PageOptions, controls: ControlOptions,
        say: @escaping @Sendable (String) -> Void
    ) throws {
        let store = StudioStateStore(
            painting: painting, initial: state, presets: Presets.userFile.map(Presets.init(path:)))
        painting.onFailedRecording { [weak store] in
            if let change = try? StateChange(.isRecording, .flag(false)) { _ = try? store?.change(change) }
        }
        let cues = try controls.cues.map { path throws(StudioError) in
            try CueList(contentsOf: path, styles: painting.styles, masks: painting.masks)
        }
        let server = try page.configuration.map { configuration throws(StudioError) in
            try StudioServer(store: store, painting: painting, configuration: configuration)
        }
        addresses = server?.addresses ?? []
        let studio = ControlledStudio(store: store, painting: painting, report: say)
        if let port = controls.oscPort {
            let receiver = try OSCReceiver(address: controls.oscAddress, port: port, studio: studio)
            osc = receiver
            say("Open Sound Control at \(controls.oscAddress), UDP port \(receiver.port)")
        }
        if controls.usesMIDI {
            let mapping = try Self.mapping(controls)
            // A controller that is not there must not end a performance.
            do throws(StudioError) { midi = try Self.midi(controls, mapping, studio, say) } catch {
                say("\(error); going on without MIDI")
            }
        }
        if let server { tasks.append(Task { await server.run() }) }
        if let cues {
            tasks.append(
                Task {
                    var player = CuePlayer(cues)
                    await player.play(on: store) { say("cues: \($0)") }
                })
        }
    }

    private static func mapping(_ controls: ControlOptions) throws(StudioError) -> MIDIMapping {
        guard let path = controls.midiMap else { return .standard }
        // A control that is learned may be the first one in its file.
        if controls.midiLearn != nil, !Files.exists(path) { return .standard }
        return try MIDIMapping(contentsOf: path)
    }

    private static func midi(
        _ controls: ControlOptions, _ mapping: MIDIMapping, _ studio: ControlledStudio,
        _ say: @escaping @Sendable (String) -> Void
    ) throws(StudioError) -> MIDIReceiver {
        try MIDIReceiver(
            mapper: MIDIMapper(mapping: mapping, learning: controls.midiLearn),
            source: controls.midiSource, studio: studio
        ) { field, mapping in
            guard let path = controls.midiMap else { return }
            do throws(StudioError) {
                try mapping.write(to: path)
                say("MIDI: \(field.rawValue) is bound, in \(path)")
            } catch { say("MIDI: \(error)") }
        }
    }

    deinit {
        for task in tasks { task.cancel() }
        osc?.stop()
        midi?.stop()
    }
}
