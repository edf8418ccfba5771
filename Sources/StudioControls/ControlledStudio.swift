import Studio
import Synchronization

/// Carries out what OSC and MIDI ask for. May be used from any thread.
package final class ControlledStudio: Sendable {
    /// Holds the state.
    package let store: StudioStateStore
    /// Its styles, for notes without a name, and its pictures.
    package let painting: any LivePainting
    private let report: @Sendable (String) -> Void
    /// The last problem that was reported, and when.
    private let last = Mutex<(text: String, time: Double)>(("", -.infinity))

    /// Seconds before the same problem is reported again.
    private static let silence = 5.0

    /// - Parameter report: gets what could not be done: one line each, the same one no more than every few seconds.
    package init(
        store: StudioStateStore, painting: any LivePainting, report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        (self.store, self.painting, self.report) = (store, painting, report)
    }

    /// Carries out actions in their order. Changes that follow one another are applied as one, so that a fader that is
    /// moved fast does not make a queue.
    ///
    /// - Parameter sender: what is named with a problem, such as `OSC`.
    package func perform(_ actions: [StudioAction], from sender: String) {
        var gathered: [StateChange] = []
        for action in actions {
            if case .change(let change) = action {
                gathered.append(change)
                continue
            }
            apply(gathered, from: sender)
            gathered = []
            perform(action, from: sender)
        }
        apply(gathered, from: sender)
    }

    /// Says a problem.
    package func say(_ problem: String, of sender: String) {
        let text = "\(sender): \(problem)"
        let now = StudioStateStore.secondsSinceStart()
        let isNew = last.withLock { last in
            if last.text == text, now - last.time < Self.silence { return false }
            last = (text, now)
            return true
        }
        if isNew { report(text) }
    }

    private func apply(_ changes: [StateChange], from sender: String) {
        guard changes.count > 1 else {
            if let change = changes.first { attempt(sender) { () throws(StudioError) in try store.change(change) } }
            return
        }
        let whole = changes.reduce(StateChange()) { $0.followed(by: $1) }
        // One of them may be wrong, such as a style that is not there: the others are applied all the same.
        if (try? store.change(whole)) == nil { for change in changes { apply([change], from: sender) } }
    }

    private func perform(_ action: StudioAction, from sender: String) {
        switch action {
        case .change(let change): apply([change], from: sender)
        case .tap: store.tap()
        case .preset(let name):
            attempt(sender) { () throws(StudioError) in
                guard let change = try store.preset(name) else {
                    throw StudioError("there is no preset of the name “\(name.prefix(60))”")
                }
                try store.change(change)
            }
        case .snapshot:
            Task {
                do { _ = try await painting.snapshot() } catch { say("\(error)", of: sender) }
            }
        }
    }

    private func attempt(_ sender: String, _ body: () throws(StudioError) -> Void) {
        do throws(StudioError) { try body() } catch { say(error.description, of: sender) }
    }
}
