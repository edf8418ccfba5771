import ArgumentParser

/// How progress is shown on standard error.
enum ProgressStyle: String, CaseIterable, ExpressibleByArgument {
    /// A bar on a terminal, lines elsewhere.
    case auto
    case none
    /// A line that is overwritten five times a second.
    case bar
    /// A line every ten seconds.
    case lines
    /// A JSON object in a line every second.
    case json
}

/// Decides when progress is shown, and writes it.
struct ProgressDisplay {
    /// Never ``ProgressStyle/auto``.
    let style: ProgressStyle
    private var shownAt: Double

    init(_ style: ProgressStyle) {
        self.style = style != .auto ? style : Terminal.isTerminal(.error) ? .bar : .lines
        // Lines are for long work only.
        shownAt = self.style == .lines ? Terminal.now : 0
    }

    /// Whether it is time to show something; if so, the next time is an interval away.
    mutating func isDue() -> Bool {
        let interval: Double? =
            switch style {
            case .bar: 0.2
            case .lines: 10
            case .json: 1
            case .auto, .none: nil
            }
        let now = Terminal.now
        guard let interval, now - shownAt >= interval else { return false }
        shownAt = now
        return true
    }

    func write(bar: @autoclosure () -> String, line: @autoclosure () -> String, json: some Encodable) {
        switch style {
        case .bar: Terminal.write(raw: "\r\u{1B}[K\(bar())", to: .error)
        case .lines: Terminal.write(line(), to: .error)
        case .json: if let text = try? jsonLine(json) { Terminal.write(text, to: .error) }
        case .auto, .none: break
        }
    }

    /// Clears a bar.
    func clear() {
        if style == .bar { Terminal.write(raw: "\r\u{1B}[K", to: .error) }
    }
}
