/// How far a conversion is.
package struct ProgressReading: Encodable {
    private let input: String?
    private let frames: Int
    private let total: Int?
    /// Since the beginning.
    private let seconds: Double
    private let framesPerSecond: Double
    private let secondsLeft: Double?

    /// - Parameters:
    ///   - input: the file; nil: it needs no name.
    ///   - total: the number of frames; nil if unknown.
    package init(input: String?, frames: Int, total: Int?, seconds: Double) {
        self.input = input
        self.frames = frames
        // The number follows from the duration, and may be too small by one or two.
        self.total = total.map { max($0, frames) }
        self.seconds = seconds
        let speed = Double(frames) / max(seconds, 1e-9)
        framesPerSecond = speed
        secondsLeft = self.total.flatMap { frames > 0 && frames < $0 ? Double($0 - frames) / speed : nil }
    }

    /// Such as `120 of 720 frames, 14.5 frames/s, 0:41 left`.
    package var line: String {
        prefix + (total.map { "\(frames) of \($0) frames" } ?? "\(frames) frames") + speed
    }

    /// The same with a bar.
    var bar: String {
        guard let total, total > 0 else { return line }
        let part = Double(frames) / Double(total)
        let filled = Int(part * 24)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
        return "\(prefix)\(Int(part * 100)) % [\(bar)] \(frames)/\(total) frames\(speed)"
    }

    private var prefix: String { input.map { "\($0): " } ?? "" }

    private var speed: String {
        ", \(decimal(framesPerSecond, 1)) frames/s" + (secondsLeft.map { ", \(clock($0)) left" } ?? "")
    }
}

/// A duration as minutes and seconds, such as `1:05`, or with hours before them.
func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e7).rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
}
