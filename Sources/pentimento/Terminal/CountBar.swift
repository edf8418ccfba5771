/// A progress line for the preparation of a task, on standard error if it is a terminal.
struct CountBar {
    private let what: String
    private let isShown = Terminal.isTerminal(.error)
    private var shownAt = 0.0

    init(_ what: String) {
        self.what = what
    }

    /// Shows the progress, at most five times a second.
    mutating func show(_ line: String) {
        let now = Terminal.now
        guard isShown, now - shownAt > 0.2 else { return }
        shownAt = now
        Terminal.write(raw: "\r\u{1B}[K\(what): \(line)", to: .error)
    }

    mutating func show(_ done: Int, of count: Int) { show("\(done)/\(count)") }

    /// Clears the line.
    func clear() {
        if isShown { Terminal.write(raw: "\r\u{1B}[K", to: .error) }
    }
}
