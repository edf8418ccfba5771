import CALSA
import Glibc
import Studio
import Synchronization

/// Receives MIDI by ALSA's sequencer, at a port `Pentimento` to which any controller can be connected.
package final class MIDIReceiver: Sendable {
    private let sequencer: Sequencer
    private let studio: ControlledStudio
    private let thread = ControlThread()
    private let mapper: Mutex<MIDIMapper>
    private let learned: @Sendable (StudioField, MIDIMapping) -> Void

    /// Why there can be no MIDI on this system; nil: there can.
    package static var problem: String? { Sequencer.problem }

    private static let sender = "MIDI"
    private static let eventsAtOnce = 256

    /// Opens the port, and listens until ``stop()``.
    ///
    /// - Parameters:
    ///   - source: a client and port to connect, such as `nanoKONTROL` or `20:0`, as `aconnect -i` lists them; nil: none,
    ///     or those that `aconnect` connects later.
    ///   - learned: called with the mapping after a control was bound to a field.
    /// - Throws: ``StudioError`` if this system has no sequencer, or there is no such source.
    package init(
        mapper: MIDIMapper, source: String? = nil, studio: ControlledStudio,
        learned: @escaping @Sendable (StudioField, MIDIMapping) -> Void = { _, _ in }
    ) throws(StudioError) {
        self.mapper = Mutex(mapper)
        (self.studio, self.learned) = (studio, learned)
        sequencer = try Sequencer()
        if let source { try sequencer.connect(source) }
        try thread.start { [sequencer, thread, weak self] in
            while thread.goesOn {
                let events = sequencer.events(atMost: Self.eventsAtOnce, patience: ControlThread.patience)
                guard !events.isEmpty else { continue }
                self?.take(events)
            }
        }
    }

    /// Stops. Nothing is done afterwards.
    package func stop() { thread.stop() }

    deinit { thread.stop() }

    private func take(_ events: [MIDIEvent]) {
        let styles = studio.painting.styles.map(\.name)
        for event in events {
            let (actions, field, mapping) = mapper.withLock { mapper in
                let result = mapper.actions(for: event, styles: styles)
                return (result.actions, result.learned, mapper.mapping)
            }
            studio.perform(actions, from: Self.sender)
            if let field { learned(field, mapping) }
        }
    }
}

/// ALSA's sequencer. Used by one thread at a time once it is made.
private final class Sequencer: @unchecked Sendable {
    private let handle: OpaquePointer
    private let port: Int32

    private static let device = "/dev/snd/seq"

    /// Why it cannot be used.
    static var problem: String? {
        access(device, R_OK | W_OK) == 0 ? nil : "\(device): \(String(cString: strerror(errno)))"
    }

    /// What helps against a ``problem``.
    static let remedy = "load the module snd-seq, and be in the group audio"

    init() throws(StudioError) {
        // Asked first, since the library prints to standard error.
        if let problem = Self.problem { throw StudioError("MIDI: \(problem); \(Self.remedy)") }
        var opened: OpaquePointer?
        let status = snd_seq_open(&opened, "default", SND_SEQ_OPEN_INPUT, SND_SEQ_NONBLOCK)
        guard status >= 0, let opened else { throw Self.error("the sequencer cannot be opened", status) }
        snd_seq_set_client_name(opened, "Pentimento")
        let made = snd_seq_create_simple_port(
            opened, "Pentimento", UInt32(SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE),
            UInt32(SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION))
        guard made >= 0 else {
            snd_seq_close(opened)
            throw Self.error("a port cannot be made", made)
        }
        (handle, port) = (opened, made)
    }

    deinit { snd_seq_close(handle) }

    func connect(_ source: String) throws(StudioError) {
        var address = snd_seq_addr_t()
        let status = snd_seq_parse_address(handle, &address, source)
        guard status >= 0 else {
            throw StudioError("MIDI: there is no controller “\(source.prefix(60))”; `aconnect -i` lists them")
        }
        let connected = snd_seq_connect_from(handle, port, Int32(address.client), Int32(address.port))
        guard connected >= 0 else { throw Self.error("\(source) cannot be connected", connected) }
    }

    /// What has arrived, after waiting for at most `patience` milliseconds.
    func events(atMost most: Int, patience: Int32) -> [MIDIEvent] {
        var waiting = [pollfd](repeating: pollfd(), count: 4)
        let count = snd_seq_poll_descriptors(handle, &waiting, UInt32(waiting.count), Int16(POLLIN))
        guard count > 0, poll(&waiting, nfds_t(count), patience) > 0 else { return [] }
        var events: [MIDIEvent] = []
        while events.count < most {
            var event: UnsafeMutablePointer<snd_seq_event_t>?
            let status = snd_seq_event_input(handle, &event)
            // Events were lost: the next ones say where the controls are.
            if status == -ENOSPC { continue }
            guard status >= 0, let event else { break }
            if let known = MIDIEvent(event.pointee) { events.append(known) }
        }
        return events
    }

    private static func error(_ problem: String, _ status: Int32) -> StudioError {
        StudioError("MIDI: \(problem): \(String(cString: snd_strerror(status)))")
    }
}

extension MIDIEvent {
    /// Nil for kinds that are not used.
    fileprivate init?(_ event: snd_seq_event_t) {
        func value(_ number: some BinaryInteger) -> Int { min(max(Int(number), 0), 127) }
        switch UInt32(event.type) {
        case SND_SEQ_EVENT_CONTROLLER.rawValue:
            let control = event.data.control
            self = .control(
                channel: Int(control.channel) + 1, number: value(control.param), value: value(control.value))
        case SND_SEQ_EVENT_NOTEON.rawValue:
            let note = event.data.note
            self = .note(channel: Int(note.channel) + 1, number: value(note.note), velocity: value(note.velocity))
        case SND_SEQ_EVENT_NOTEOFF.rawValue:
            let note = event.data.note
            self = .note(channel: Int(note.channel) + 1, number: value(note.note), velocity: 0)
        case SND_SEQ_EVENT_PGMCHANGE.rawValue:
            let control = event.data.control
            self = .program(channel: Int(control.channel) + 1, number: value(control.value))
        default: return nil
        }
    }
}
