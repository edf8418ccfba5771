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
        let cues = try controls.cues.map { path throws(StudioError) in
            try CueList(contentsOf: path, styles: painting.styles)
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
        if controls.usesMIDI { midi = try Self.midi(controls, studio, say) }
        if let server { tasks.append(Task { await server.run() }) }
        if let cues {
            tasks.append(
                Task {
                    var player = CuePlayer(cues)
                    await player.play(on: store) { say("cues: \($0)") }
                })
        }
    }

    private static func midi(
        _ controls: ControlOptions, _ studio: ControlledStudio, _ say: @escaping @Sendable (String) -> Void
    ) throws -> MIDIReceiver {
        let path = controls.midiMap
        // A control that is learned may be the first one in its file.
        let isNew = controls.midiLearn != nil && path.map { !Files.exists($0) } ?? false
        let mapping = try path.flatMap { path throws(StudioError) in
            isNew ? nil : try MIDIMapping(contentsOf: path)
        }
        return try MIDIReceiver(
            mapper: MIDIMapper(mapping: mapping ?? .standard, learning: controls.midiLearn),
            source: controls.midiSource, studio: studio
        ) { field, mapping in
            guard let path else { return }
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
