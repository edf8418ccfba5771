/// The progress of work on frames, with frames per second and remaining time.
struct ProgressBar {
    private let input: String?
    private let total: Int?
    private let began = Terminal.now
    private var display: ProgressDisplay

    /// - Parameters:
    ///   - total: number of frames; nil if unknown.
    ///   - input: the file that is worked on; nil: it needs no name.
    init(total: Int?, style: ProgressStyle = .auto, input: String? = nil) {
        self.total = total
        self.input = input
        display = ProgressDisplay(style)
    }

    /// Shows the progress if it is time to.
    mutating func show(_ frames: Int) {
        if display.isDue() { write(frames) }
    }

    /// Shows the end of the work, where programs read it, and clears the bar.
    func finish(_ frames: Int) {
        if display.style == .json { write(frames) }
        clear()
    }

    /// Clears the progress bar.
    func clear() { display.clear() }

    private func write(_ frames: Int) {
        let reading = ProgressReading(input: input, frames: frames, total: total, seconds: Terminal.now - began)
        display.write(bar: reading.bar, line: reading.line, json: reading)
    }
}
