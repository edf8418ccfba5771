import Training

/// Shows the progress of a training run: a progress bar with the losses on a terminal, otherwise a line per minute.
/// Validation results get separate lines.
struct TrainProgress {
    private let settings: TrainingSettings
    private let isShown = Terminal.isTerminal(.error)
    private var shownAt: Double?
    /// Exponential moving averages of the weighted losses.
    private var losses: (content: Double, style: Double, pixel: Double)?
    private var lastStep: (number: Int, seconds: Double)?
    private var secondsPerStep = 0.0

    init(settings: TrainingSettings) {
        self.settings = settings
    }

    mutating func record(_ progress: TrainingProgress) {
        follow(progress)
        if let report = progress.validation {
            clear()
            Terminal.write("step \(report.step): \(Self.text(of: report, settings: settings))", to: .error)
        }
        let now = Terminal.now
        guard now - (shownAt ?? -.infinity) > (isShown ? 0.2 : 60) else { return }
        shownAt = now
        let text = text(progress)
        Terminal.write(raw: isShown ? "\r\u{1B}[K\(text)" : "\(text)\n", to: .error)
    }

    /// Clears the progress bar.
    func clear() {
        if isShown { Terminal.write(raw: "\r\u{1B}[K", to: .error) }
    }

    private mutating func follow(_ progress: TrainingProgress) {
        let now = (
            content: Double(progress.losses.content) * settings.contentWeight,
            style: Double(progress.losses.style) * settings.styleWeight,
            pixel: Double(progress.losses.pixel) * settings.pixelWeight * progress.pixelFactor
        )
        guard var means = losses else {
            losses = now
            lastStep = (progress.step, progress.seconds)
            return
        }
        means.content += (now.content - means.content) * 0.05
        means.style += (now.style - means.style) * 0.05
        if progress.frames > 0 { means.pixel += (now.pixel - means.pixel) * 0.05 }
        losses = means
        if let lastStep, progress.step > lastStep.number {
            let each = (progress.seconds - lastStep.seconds) / Double(progress.step - lastStep.number)
            secondsPerStep = secondsPerStep == 0 ? each : secondsPerStep + (each - secondsPerStep) * 0.05
        }
        lastStep = (progress.step, progress.seconds)
    }

    private func text(_ progress: TrainingProgress) -> String {
        let part = min(1, Double(progress.step) / Double(max(1, progress.steps)))
        var text = "\(Int(part * 100)) % "
        if isShown {
            let filled = Int(part * 24)
            text += "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: 24 - filled))] "
        }
        text += "step \(progress.step)/\(progress.steps)"
        if let losses {
            text += ", content \(decimal(losses.content, 0)), style \(decimal(losses.style, 0))"
            if losses.pixel > 0 {
                let weight = settings.pixelWeight * progress.pixelFactor
                text += ", pixel \(decimal(losses.pixel, 0)) (weight \(decimal(weight, 0)))"
            }
        }
        if secondsPerStep > 0 { text += ", \(decimal(secondsPerStep, 2)) s a step" }
        if let left = progress.secondsLeft { text += ", \(clock(left)) left" }
        return text
    }

    /// A validation result in one line, with weighted losses.
    static func text(of report: ValidationReport, settings: TrainingSettings) -> String {
        var parts: [String] = []
        if let losses = report.photographs {
            parts.append(
                "held out: content \(decimal(losses.content * settings.contentWeight, 0)), style "
                    + decimal(losses.style * settings.styleWeight, 0))
        }
        if !report.recursion.isEmpty {
            func ratios(_ name: String, _ value: (ValidationReport.Recursion) -> Double) -> String {
                "\(name) \(report.recursion.map { decimal(value($0), 2) }.joined(separator: "/"))"
            }
            parts.append(
                "after \(report.recursion.map { "\($0.frames)" }.joined(separator: "/")) frames, relative to independent frames: "
                    + [
                        ratios("temporal error") { $0.temporalRatio }, ratios("style") { $0.styleRatio },
                        ratios("content") { $0.contentRatio },
                    ].joined(separator: ", "))
        }
        return parts.isEmpty ? "nothing is held out" : parts.joined(separator: "; ")
    }
}
