import Support

/// Changes at times of a performance.
package struct CueList: Equatable, Sendable {
    /// In the order of their times.
    package let cues: [Cue]

    /// A change at a time.
    package struct Cue: Codable, Equatable, Sendable {
        /// Seconds since the start.
        package var at: Double
        package var change: StateChange
        /// Seconds in which numbers move to their new values, and a new style is faded to; nil: at once, and by the
        /// state's fade.
        package var over: Double?

        package init(at: Double, change: StateChange, over: Double? = nil) {
            (self.at, self.change, self.over) = (at, change, over)
        }
    }

    private static let most = 10_000
    private static let longest = 86_400.0

    /// - Throws: ``StudioError``: which cue is wrong, and why.
    package init(_ cues: [Cue]) throws(StudioError) {
        guard cues.count <= Self.most else { throw StudioError("there are more than \(Self.most) cues") }
        for (index, cue) in cues.enumerated() {
            guard 0...Self.longest ~= cue.at else {
                throw StudioError("entry \(index + 1): \"at\" is not within 0 and \(text(Self.longest)) seconds")
            }
            guard 0...3600 ~= cue.over ?? 0 else {
                throw StudioError("entry \(index + 1): \"over\" is not within 0 and 3600 seconds")
            }
        }
        // Swift's sort keeps the order of equal times.
        self.cues = cues.sorted { $0.at < $1.at }
    }

    /// - Parameter json: a list of `{"at": seconds, "change": {…}, "over": seconds}`.
    /// - Throws: ``StudioError``.
    package init(json: [UInt8]) throws(StudioError) { try self.init(StudioJSON.decode([Cue].self, from: json)) }

    /// - Throws: ``StudioError`` if the file cannot be read or is wrong, also if a cue names a style that is not among
    ///   `styles`, or a mask that is not among `masks`.
    package init(contentsOf path: String, styles: [StudioStyle], masks: [String] = []) throws(StudioError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: 8 << 20) } catch { throw StudioError("\(error)") }
        do throws(StudioError) {
            try self.init(json: bytes)
            var state = StudioState()
            for cue in cues {
                do throws(StudioError) { state = try cue.change.applied(to: state, styles: styles, masks: masks) } catch
                {
                    throw StudioError("at \(text(cue.at)) s: \(error)")
                }
            }
        } catch { throw StudioError("\(path): \(error)") }
    }
}

/// Plays cues, by whatever clock.
package struct CuePlayer: Sendable {
    private var waiting: ArraySlice<CueList.Cue>
    private var moves: [StudioField: Move] = [:]

    /// A number on its way.
    private struct Move {
        let begin: Double
        let length: Double
        let from: Double
        let to: Double
        /// What was set last.
        var last: Double
    }

    package init(_ list: CueList) { waiting = list.cues[...] }

    /// Whether all has been played.
    package var isFinished: Bool { waiting.isEmpty && moves.isEmpty }

    /// The time of the next step that changes anything; nil after the last.
    package func nextTime(after time: Double) -> Double? { moves.isEmpty ? waiting.first?.at : time }

    /// What changes until `time`.
    ///
    /// A number that another hand has changed meanwhile is left to it.
    ///
    /// - Parameters:
    ///   - time: seconds since the start, never backwards.
    ///   - state: the state at present.
    package mutating func step(to time: Double, from state: StudioState) -> StateChange {
        moves = moves.filter { $0.value.last == $0.key.number(in: state) }
        var change = StateChange()
        while let cue = waiting.first, cue.at <= time {
            waiting.removeFirst()
            advance(to: cue.at, into: &change)
            start(cue, state, into: &change)
        }
        advance(to: time, into: &change)
        return change
    }

    private mutating func advance(to time: Double, into change: inout StateChange) {
        for (field, move) in moves {
            let share = min((time - move.begin) / move.length, 1)
            let value = share < 1 ? move.from + (move.to - move.from) * share : move.to
            try? change.set(field, to: .number(value))
            moves[field]?.last = value
            if share == 1 { moves[field] = nil }
        }
    }

    private mutating func start(_ cue: CueList.Cue, _ state: StudioState, into change: inout StateChange) {
        for field in cue.change.fields { moves[field] = nil }
        guard let over = cue.over, over > 0 else {
            change = change.followed(by: cue.change)
            return
        }
        var atOnce = cue.change
        for (field, value) in cue.change.values where field != .fade {
            guard case .number(let to) = value, case .number(let from) = change.values[field] ?? field.value(in: state)
            else { continue }
            moves[field] = Move(begin: cue.at, length: over, from: from, to: to, last: from)
            atOnce = atOnce.without([field])
        }
        if atOnce.fields.contains(.style) && !atOnce.fields.contains(.fade) {
            try? atOnce.set(.fade, to: .number(min(over, 60)))
        }
        change = change.followed(by: atOnce)
    }
}

extension CuePlayer {
    /// Plays to the end, from now on, or until the task is cancelled. Numbers move 25 times a second.
    ///
    /// - Parameter report: gets what could not be applied.
    package mutating func play(on store: StudioStateStore, report: @Sendable (StudioError) -> Void = { _ in }) async {
        let start = StudioStateStore.secondsSinceStart()
        while !isFinished && !Task.isCancelled {
            let time = StudioStateStore.secondsSinceStart() - start
            let change = step(to: time, from: store.snapshot.state)
            do throws(StudioError) {
                if !change.fields.isEmpty { try store.change(change) }
            } catch { report(error) }
            guard let next = nextTime(after: time) else { break }
            try? await Task.sleep(for: .seconds(max(next - time, 0.04)))
        }
    }
}
