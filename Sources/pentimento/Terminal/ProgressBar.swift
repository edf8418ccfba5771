/// A progress bar with frames per second and remaining time, on standard error if it is a terminal.
struct ProgressBar {
    private let total: Int?
    private let isShown: Bool
    private let began = Terminal.now
    private var shownAt = 0.0

    /// - Parameter total: number of frames; nil if unknown.
    init(total: Int?) {
        self.total = total
        isShown = Terminal.isTerminal(.error)
    }

    /// Shows the progress, at most five times a second.
    mutating func show(_ frames: Int) {
        let now = Terminal.now
        guard isShown, now - shownAt > 0.2 else { return }
        shownAt = now
        let speed = Double(frames) / max(now - began, 1e-9)
        var text = "\r\u{1B}[K"
        if let total, total > 0 {
            let part = min(1, Double(frames) / Double(total))
            let filled = Int(part * 24)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
            text += "\(Int(part * 100)) % [\(bar)] \(frames)/\(total) frames"
        } else {
            text += "\(frames) frames"
        }
        text += ", \(decimal(speed, 1)) frames/s"
        if let total, frames > 0, frames < total { text += ", \(Self.clock(Double(total - frames) / speed)) left" }
        Terminal.write(raw: text, to: .error)
    }

    /// Clears the progress bar.
    func clear() {
        if isShown { Terminal.write(raw: "\r\u{1B}[K", to: .error) }
    }

    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e7).rounded())
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}
