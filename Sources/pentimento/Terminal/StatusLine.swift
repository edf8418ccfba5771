import LivePipeline
import Studio
import Synchronization

/// What `pentimento live` says: what there is, then how it goes, and what happens. From any thread.
final class StatusLine: Sendable {
    private struct Beginning: Encodable {
        let input: String
        let width: Int
        let height: Int
        let frameRate: Double
        let outputs: [String]
        let pages: [String]
    }

    private struct Message: Encodable {
        let message: String
    }

    private struct State {
        var display: ProgressDisplay
        /// Whether a line stands there that is overwritten.
        var isShown = false
    }

    private let json: Bool
    private let state: Mutex<State>

    init(json: Bool) {
        self.json = json
        state = Mutex(State(display: ProgressDisplay(json ? .json : .auto)))
    }

    /// A line about what happens.
    func say(_ text: String) {
        state.withLock { state in
            clear(&state)
            if json {
                print(Message(message: text))
            } else {
                Terminal.write("pentimento: \(text)", to: .error)
            }
        }
    }

    /// Where the page is, before there is any picture.
    func begin(pages: [String]) {
        if json { return }
        state.withLock { _ in for page in pages { Terminal.write("page: \(page)", to: .output) } }
    }

    /// - Parameter pages: addresses of the page.
    func begin(_ facts: LivePipeline.Facts, pages: [String]) {
        state.withLock { _ in
            if json {
                print(
                    Beginning(
                        input: facts.input, width: facts.width, height: facts.height, frameRate: facts.frameRate,
                        outputs: facts.outputs, pages: pages))
                return
            }
            let rate = facts.frameRate > 0 ? ", \(decimal(facts.frameRate, 0)) frames/s" : ""
            Terminal.write("input: \(facts.input), \(facts.width)x\(facts.height)\(rate)", to: .output)
            for output in facts.outputs { Terminal.write("output: \(output)", to: .output) }
        }
    }

    /// Shows how it goes, if it is time to.
    func show(_ statistics: LiveStatistics) {
        state.withLock { state in
            guard state.display.isDue() else { return }
            if json { return print(statistics) }
            let trouble = statistics.trouble.isEmpty ? "" : ", \(statistics.trouble)"
            let line =
                "\(decimal(statistics.frameRate, 1)) frames/s, delay \(decimal(statistics.delay * 1000, 0)) ms, "
                + "\(statistics.dropped) dropped\(trouble)"
            state.display.write(bar: line, line: line, json: statistics)
            state.isShown = state.display.style == .bar
        }
    }

    func clear() { state.withLock { clear(&$0) } }

    private func clear(_ state: inout State) {
        if state.isShown { state.display.clear() }
        state.isShown = false
    }

    private func print(_ value: some Encodable) {
        if let text = try? jsonLine(value) { Terminal.write(text, to: .output) }
    }
}
