import Synchronization

/// Holds the state, applies each change once, and tells everyone who listens.
///
/// May be used from any thread. Changes reach the painting in their order.
package final class StudioStateStore: Sendable {
    /// Presets; nil: none are kept.
    package let presets: Presets?
    private let painting: any LivePainting
    private let now: @Sendable () -> Double
    private let content: Mutex<Content>

    private struct Content {
        var state: StudioState
        var version = 0
        var presetNames: [String] = []
        var taps = TapTempo()
        var clock: BeatClock
        /// Changes that wait for a beat, in their order; one for each beat or bar.
        var waiting: [(due: Double, change: StateChange)] = []
        var listeners: [Int: AsyncStream<StudioSnapshot>.Continuation] = [:]
        var nextListener = 0
    }

    /// Applies the initial state.
    ///
    /// - Parameters:
    ///   - initial: its styles should be among the painting's.
    ///   - now: time in seconds, never backwards.
    package init(
        painting: any LivePainting, initial: StudioState = StudioState(), presets: Presets? = nil,
        now: @escaping @Sendable () -> Double = StudioStateStore.secondsSinceStart
    ) {
        (self.painting, self.presets, self.now) = (painting, presets, now)
        var content = Content(
            state: initial, clock: BeatClock(beatsPerMinute: initial.bpm, origin: now()))
        content.presetNames = ((try? presets?.all()) ?? [:]).keys.sorted()
        self.content = Mutex(content)
        painting.apply(initial)
    }

    private static let start = ContinuousClock.now

    /// Seconds of a clock that never goes back.
    package static let secondsSinceStart: @Sendable () -> Double = {
        (ContinuousClock.now - start) / .seconds(1)
    }

    /// The state at present.
    package var snapshot: StudioSnapshot { content.withLock { snapshot(of: $0) } }

    /// The state now and whenever it changes. Who reads slowly gets the newest only.
    package func changes() -> AsyncStream<StudioSnapshot> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let id = content.withLock { content in
                content.nextListener += 1
                content.listeners[content.nextListener] = continuation
                continuation.yield(snapshot(of: content))
                return content.nextListener
            }
            continuation.onTermination = { [weak self] _ in
                _ = self?.content.withLock { $0.listeners.removeValue(forKey: id) }
            }
        }
    }

    // MARK: - Changes

    /// Changes the state, now or when the next beat or bar begins.
    ///
    /// - Throws: ``StudioError`` if a style or mask is unknown, or two styles cannot be blended. Nothing changes then.
    @discardableResult
    package func change(_ change: StateChange, at moment: BeatClock.Moment = .now) throws(StudioError) -> StudioSnapshot
    {
        let (styles, masks) = (painting.styles, painting.masks)
        return try content.withLock { content throws(StudioError) in
            let next = try change.applied(to: content.state, styles: styles, masks: masks)
            if moment == .now {
                // What a person does now is not undone by what waits.
                for index in content.waiting.indices {
                    content.waiting[index].change = content.waiting[index].change.without(change.fields)
                }
                set(next, in: &content)
            } else {
                let time = now()
                wait(for: content.clock.next(moment, after: time), from: time, change, in: &content)
            }
            return snapshot(of: content)
        }
    }

    /// Applies what waits and is due. Called when it is; tests call it with a clock of their own.
    package func applyDue() {
        let (styles, masks) = (painting.styles, painting.masks)
        content.withLock { content in
            let time = now()
            let due = content.waiting.filter { $0.due <= time }
            guard !due.isEmpty else { return }
            content.waiting.removeAll { $0.due <= time }
            let change = due.reduce(StateChange()) { $0.followed(by: $1.change) }
            // It could be applied when it was given; a style that has gone since then leaves all as it is.
            set(
                (try? change.applied(to: content.state, styles: styles, masks: masks)) ?? content.state, in: &content)
        }
    }

    /// A tap of the tempo.
    @discardableResult
    package func tap() -> StudioSnapshot {
        content.withLock { content in
            guard let clock = content.taps.tap(at: now()) else { return snapshot(of: content) }
            content.clock = clock
            content.state.bpm = clock.beatsPerMinute
            tell(&content)
            return snapshot(of: content)
        }
    }

    private func wait(for due: Double, from time: Double, _ change: StateChange, in content: inout Content) {
        // Who asks often before a beat makes no queue.
        if let index = content.waiting.firstIndex(where: { $0.due == due }) {
            content.waiting[index].change = content.waiting[index].change.followed(by: change)
            return tell(&content)
        }
        content.waiting.append((due: due, change: change))
        tell(&content)
        Task { [weak self] in
            try? await Task.sleep(for: .seconds(due - time))
            self?.applyDue()
        }
    }

    private func set(_ state: StudioState, in content: inout Content) {
        if state.bpm != content.state.bpm {
            content.clock = content.clock.changed(to: state.bpm, at: now())
            content.taps = TapTempo()
        }
        if state != content.state {
            content.state = state
            painting.apply(state)
        }
        tell(&content)
    }

    private func tell(_ content: inout Content) {
        content.version += 1
        let snapshot = snapshot(of: content)
        for listener in content.listeners.values { listener.yield(snapshot) }
    }

    private func snapshot(of content: Content) -> StudioSnapshot {
        let time = now()
        return StudioSnapshot(
            version: content.version, state: content.state,
            tempo: StudioSnapshot.Tempo(
                beatsPerMinute: content.clock.beatsPerMinute, untilBeat: content.clock.next(.beat, after: time) - time,
                untilBar: content.clock.next(.bar, after: time) - time),
            isWaiting: content.waiting.contains { !$0.change.values.isEmpty }, presets: content.presetNames)
    }

    // MARK: - Presets

    /// What a preset keeps: all but what is of the moment.
    private static let keptFields = StudioField.allCases.filter { ![.isOriginal, .isRecording, .bpm].contains($0) }

    /// Keeps the present state under a name.
    /// - Throws: ``StudioError``.
    package func savePreset(_ name: String, _ change: StateChange? = nil) throws(StudioError) {
        guard let presets else { throw StudioError("presets are not kept: set HOME or XDG_DATA_HOME") }
        try presets.save(change ?? StateChange(snapshot.state, fields: Self.keptFields), as: name)
        try readPresets(presets)
    }

    /// - Returns: whether there was one.
    /// - Throws: ``StudioError`` if the file cannot be written.
    package func removePreset(_ name: String) throws(StudioError) -> Bool {
        guard let presets else { return false }
        let isThere = try presets.remove(name)
        try readPresets(presets)
        return isThere
    }

    /// The preset of a name; nil if there is none.
    /// - Throws: ``StudioError`` if the file cannot be read.
    package func preset(_ name: String) throws(StudioError) -> StateChange? { try presets?.all()[name] }

    private func readPresets(_ presets: Presets) throws(StudioError) {
        let names = try presets.all().keys.sorted()
        content.withLock { content in
            guard content.presetNames != names else { return }
            content.presetNames = names
            tell(&content)
        }
    }
}

/// The state at one moment, as those who listen get it.
package struct StudioSnapshot: Codable, Equatable, Sendable {
    /// Grows with each change.
    package var version: Int
    package var state: StudioState
    package var tempo: Tempo
    /// Whether a change waits for a beat.
    package var isWaiting: Bool
    /// Names of the presets, sorted.
    package var presets: [String]

    /// The tempo at the moment of the snapshot.
    package struct Tempo: Codable, Equatable, Sendable {
        package var beatsPerMinute: Double
        /// Seconds until the next beat and bar begin.
        package var untilBeat: Double
        package var untilBar: Double
    }
}
