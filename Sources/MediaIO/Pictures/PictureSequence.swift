/// The pictures of an input with their times: one, those of a series, or the frames of an animation.
struct PictureSequence {
    /// A picture and when it is shown.
    struct Frame {
        let picture: Picture
        /// In nanoseconds.
        let time: Int64
        /// In nanoseconds; nil for a single picture.
        let duration: Int64?
    }

    private let input: MediaInput
    private let settings: PictureSettings
    private var number = 0
    private var animation: PictureFile?
    private var time: Int64 = 0
    /// Names of the files that were left out.
    private(set) var skipped: [String] = []

    /// - Parameter input: one with pictures.
    init(_ input: MediaInput, _ settings: PictureSettings) {
        self.input = input
        self.settings = settings
    }

    /// The next picture; nil after the last.
    ///
    /// - Throws: if a file is damaged, or is not what the others are.
    mutating func next() throws(MediaError) -> Frame? {
        switch input.kind {
        case .still: return try nextOfOne()
        case .frames(let pattern, let numbers): return try next(of: pattern, numbers)
        case .video: return try nextOfAnimation()
        }
    }

    private mutating func nextOfOne() throws(MediaError) -> Frame? {
        defer { number += 1 }
        guard number == 0, var file = try open(input.location) else { return nil }
        return Frame(picture: try file.next(), time: 0, duration: nil)
    }

    private func open(_ path: String) throws(MediaError) -> PictureFile? {
        try MediaInput.checkReadable(path)
        guard case .pictures(let file) = try OpenedMedia.open(path) else {
            throw MediaError("\(path): is a video, not a picture")
        }
        return file
    }

    private mutating func next(of pattern: FramePattern, _ numbers: ClosedRange<Int>) throws(MediaError) -> Frame? {
        func time(_ index: Int) -> Int64 {
            Int64(index) * 1_000_000_000 * Int64(settings.frameRate.denominator) / Int64(settings.frameRate.numerator)
        }
        while number < numbers.count {
            defer { number += 1 }
            let path = pattern.path(numbers.lowerBound + number)
            do throws(MediaError) {
                guard let picture = try picture(at: path, first: pattern.path(numbers.lowerBound)) else { return nil }
                return Frame(picture: picture, time: time(number), duration: time(number + 1) - time(number))
            } catch {
                guard settings.keepsGoing else { throw error }
                skipped.append(path)
            }
        }
        return nil
    }

    private func picture(at path: String, first: String) throws(MediaError) -> Picture? {
        guard var file = try open(path) else { return nil }
        try Self.checkName(file)
        if settings.isOneSize, (file.width, file.height) != (input.width, input.height) {
            throw MediaError(
                "\(path): is \(file.width) x \(file.height) pixels large, and \(first) "
                    + "\(input.width) x \(input.height); --size gives all frames one size")
        }
        return try file.next()
    }

    /// - Throws: if a file of a series has the ending of another format, so that others may not be able to read it.
    static func checkName(_ file: PictureFile) throws(MediaError) {
        let ending = FileName.ending(of: file.path)
        guard let kind = file.kind, !kind.endings.contains(ending),
            PictureKind.allCases.contains(where: { $0.endings.contains(ending) })
        else { return }
        throw MediaError(
            "\(file.path): is in the format \(kind.rawValue), not what its ending says; name it .\(kind.endings[0])")
    }

    /// Frames in the time range, of which the first begins at 0.
    private mutating func nextOfAnimation() throws(MediaError) -> Frame? {
        if animation == nil { animation = try open(input.location) }
        while number < input.frameDurations.count, time < settings.range.upperBound {
            guard let picture = try animation?.next() else { return nil }
            let shown = (time..<time + input.frameDurations[number]).clamped(to: settings.range)
            (number, time) = (number + 1, time + input.frameDurations[number])
            guard !shown.isEmpty else { continue }
            return Frame(
                picture: picture, time: shown.lowerBound - settings.range.lowerBound, duration: Int64(shown.count))
        }
        return nil
    }
}

/// How the pictures of an input are read.
package struct PictureSettings: Sendable {
    /// Of a series, in frames per second.
    package var frameRate = (numerator: 25, denominator: 1)
    /// Whether pictures of several sizes are an error.
    package var isOneSize = true
    /// Whether files of a series that are missing or damaged are left out.
    package var keepsGoing = false
    /// What is read of an animation, in nanoseconds.
    package var range: Range<Int64> = 0..<Int64.max

    /// - Parameters:
    ///   - start: of what is read of an animation, in seconds, and `duration` its length; nil: all.
    ///   - frameRate: a fraction such as `30000/1001`; 25 frames per second if it is malformed.
    package init(frameRate: String = "25/1", start: Double? = nil, duration: Double? = nil) {
        let first = Self.nanoseconds(start ?? 0)
        range = first..<(duration.map { first + Self.nanoseconds($0) } ?? Int64.max)
        let parts = frameRate.split(separator: "/").compactMap { Int(String($0)) }
        if parts.count == 2, parts.allSatisfy({ (1...Int(Int32.max)).contains($0) }) {
            self.frameRate = (parts[0], parts[1])
        }
    }

    /// Up to 30 years.
    private static func nanoseconds(_ seconds: Double) -> Int64 {
        Int64(min(max(seconds, 0), 1e9) * 1e9)
    }
}

extension PictureSettings {
    /// The place in a series, from 0 on, of the picture that is shown at a time in nanoseconds.
    package func place(at time: Int64) -> Int {
        Int((Double(time) / 1e9 * Double(frameRate.numerator) / Double(frameRate.denominator)).rounded())
    }
}

extension MediaInput {
    /// How long the frame of an animation at a time is still shown, in nanoseconds; nil for other inputs.
    ///
    /// - Parameter time: in nanoseconds, from the start of what is read.
    package func durationOfFrame(at time: Int64, _ settings: PictureSettings) -> Int64? {
        var end: Int64 = 0
        for duration in frameDurations {
            end += duration
            if end > time + settings.range.lowerBound {
                return min(end, settings.range.upperBound) - settings.range.lowerBound - time
            }
        }
        return nil
    }
}

extension MediaInput {
    /// Whether the first picture that is read has alpha; false if it cannot be read, which the conversion reports.
    package func firstPictureHasAlpha(_ settings: PictureSettings) -> Bool {
        var pictures = PictureSequence(self, settings)
        return (try? pictures.next())?.picture.hasAlpha == true
    }
}
