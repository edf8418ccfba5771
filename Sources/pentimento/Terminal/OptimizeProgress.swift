import Imaging
import MediaIO
import Style

/// Shows the progress of an optimisation: an estimate of the total time, then a progress bar with the loss.
struct OptimizeProgress {
    /// Name of the progress messages of `styleoptimize`.
    static let messageName = "pentimento-optimize"

    private let name: String
    /// Total number of frames; nil if unknown.
    private let frames: Int?
    private let size: String
    private let limits: (first: Int, next: Int)
    private let preview: String?
    private var display: ProgressDisplay
    private var hasEstimated = false
    private var firstLoss = 0.0
    private var timing: OptimizationEstimate
    /// Total iterations of the finished frames.
    private(set) var finishedIterations = 0
    private(set) var lastLoss: Double?
    private(set) var computedFrames = 0
    private var previewFailure: MediaError?

    /// - Parameters:
    ///   - limits: maximum iterations of the first and of the following frames.
    ///   - preview: path for the current image; nil: none.
    init(
        name: String, frames: Int?, width: Int, height: Int, limits: (first: Int, next: Int), preview: String?,
        style: ProgressStyle
    ) {
        self.name = name
        self.frames = frames
        size = "\(width)x\(height)"
        self.limits = limits
        self.preview = preview
        display = ProgressDisplay(style)
        var settings = OptimizationSettings()
        settings.nextIterations = limits.next
        // The clock starts after the first iteration, as the set-up before it happens only once.
        timing = OptimizationEstimate(settings: settings, frames: frames)
    }

    /// Handles a progress message.
    mutating func record(_ message: ElementMessage) {
        guard let frame = message.integer("frame"), let iteration = message.integer("iteration"),
            let iterations = message.integer("iterations"), let loss = message.double("loss")
        else { return }
        if iteration == 1 { firstLoss = loss }
        let isLast = message.boolean("is-last") == true
        if isLast {
            finishedIterations += iteration
            lastLoss = loss
            if message.integer("pass") == message.integer("passes") { computedFrames += 1 }
        }
        timing.add(
            .init(frame: frame, frames: nil, pass: 1, iteration: iteration, iterations: iterations, isLast: isLast),
            at: Terminal.now)
        // With several passes the element has the better estimate; with one it does not know the number of frames.
        let left = message.integer("passes") == 1 ? timing.secondsLeft : message.double("seconds-left")
        // The first iterations are not representative.
        if !hasEstimated, iteration >= min(4, iterations) {
            hasEstimated = true
            estimate(left, passes: message.integer("passes") ?? 1)
        }
        if let preview, let image = message.image("picture") { write(image, to: preview) }
        show(message, frame: frame, iteration: iteration, iterations: iterations, loss: loss, left: left)
    }

    /// Clears the progress bar.
    func clear() { display.clear() }

    private func estimate(_ left: Double?, passes: Int) {
        guard let left, left >= 0, [.bar, .lines].contains(display.style) else { return }
        clear()
        let count = frames.map { $0 == 1 ? "a picture" : "\($0) frames" } ?? "the frames"
        let work =
            passes > 1
            ? "\(passes) passes of \(limits.next) iterations"
            : frames == 1
                ? "\(limits.first) iterations" : "up to \(limits.first), then \(limits.next) iterations per frame"
        Terminal.write("\(name): about \(roughTime(left)) at most for \(count) at \(size) (\(work))", to: .error)
    }

    private mutating func show(
        _ message: ElementMessage, frame: Int, iteration: Int, iterations: Int, loss: Double, left: Double?
    ) {
        guard display.isDue() else { return }
        let (pass, passes) = (message.integer("pass") ?? 1, message.integer("passes") ?? 1)
        // The element does not know --duration, but knows the length of a shot.
        let ofElement = message.integer("frames").flatMap { $0 > 0 ? $0 : nil }
        let reading = Reading(
            input: name, frame: frame, frames: (passes > 1 ? ofElement : frames ?? ofElement).map { max($0, frame) },
            iteration: iteration, iterations: iterations, pass: pass, passes: passes, loss: loss,
            secondsLeft: left.flatMap { $0 >= 0 ? $0 : nil })
        let from = firstLoss > 0 && loss < firstLoss ? " (from \(rounded(firstLoss)))" : ""
        display.write(bar: reading.bar + reading.text(from), line: "\(name): \(reading.text(from))", json: reading)
    }

    /// How far the optimisation is.
    private struct Reading: Encodable {
        let input: String
        let frame: Int
        let frames: Int?
        let iteration: Int
        let iterations: Int
        let pass: Int
        let passes: Int
        let loss: Double
        let secondsLeft: Double?

        var bar: String {
            guard let frames, frames > 0 else { return "" }
            let ofFrame = Double(iteration) / Double(max(1, iterations))
            let ofPass = (Double(frame - 1) + ofFrame) / Double(frames)
            let part = min(1, passes > 1 ? (Double(pass - 1) + ofPass) / Double(passes) : ofPass)
            let filled = Int(part * 24)
            return "\(Int(part * 100)) % [\(String(repeating: "#", count: filled))"
                + "\(String(repeating: ".", count: 24 - filled))] "
        }

        /// - Parameter from: the loss at the beginning, in words.
        func text(_ from: String) -> String {
            (passes > 1 ? "pass \(pass)/\(passes), " : "") + "frame \(frame)\(frames.map { "/\($0)" } ?? ""), "
                + "iteration \(iteration)/\(iterations), loss \(rounded(loss))\(from)"
                + (secondsLeft.map { ", \(clock($0)) left" } ?? "")
        }
    }

    private mutating func write(_ image: Image, to path: String) {
        guard previewFailure == nil else { return }
        do throws(MediaError) {
            try image.write(to: path, replacing: true)
        } catch {
            // A failed preview does not stop the run.
            previewFailure = error
            clear()
            Terminal.write("pentimento: no preview: \(error)", to: .error)
        }
    }
}

/// A loss with four significant digits, so that changes are visible.
private func rounded(_ value: Double) -> String {
    let digits = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3
    return decimal(value, digits)
}

/// A duration in words, such as "2 h 10 min".
func roughTime(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded())
    if whole < 100 { return "\(max(1, whole)) s" }
    let minutes = (whole + 30) / 60
    if minutes < 100 { return "\(minutes) min" }
    let hours = minutes / 60
    if hours < 48 { return "\(hours) h \(minutes % 60 / 10 * 10) min" }
    return "\(hours / 24) days \(hours % 24) h"
}
