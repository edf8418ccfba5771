import MediaIO

extension ConversionOptions {
    /// Runs a conversion, shows how far it is, and says on standard error what could not be kept.
    ///
    /// - Parameter factories: the elements to measure.
    func run(_ conversion: Conversion, measuring factories: [String]) throws -> ConversionReport {
        conversion.onWarning { Terminal.write("pentimento: \($0)", to: .error) }
        let times = conversion.measureTimes(of: factories)
        let began = Terminal.now
        var bar = ProgressBar(total: expectedFrames(of: conversion.input))
        defer { bar.clear() }
        let progress = try Interrupt.guarding {
            try conversion.run { progress in
                bar.show(progress.frames)
                return Interrupt.received == nil ? .goOn : .cancel
            }
        }
        bar.clear()
        if let note = conversion.soundNote { Terminal.write("pentimento: \(note)", to: .error) }
        let seconds = Terminal.now - began
        return ConversionReport(
            input: input, output: output, frames: progress.frames, seconds: seconds,
            framesPerSecond: Double(progress.frames) / seconds,
            millisecondsPerFrame: Dictionary(
                uniqueKeysWithValues: times.times.filter { $0.buffers > 0 }.map {
                    ($0.element, $0.seconds * 1000 / Double($0.buffers))
                }))
    }
}

/// What a conversion did.
struct ConversionReport: Encodable {
    let input: String
    let output: String
    var style: String?
    var perFrame: Bool?
    var sphere: SphereReport?
    let frames: Int
    let seconds: Double
    let framesPerSecond: Double
    let millisecondsPerFrame: [String: Double]

    /// Which sphere was painted, and how.
    struct SphereReport: Encodable {
        let layout: String
        let outputLayout: String
        let faceSize: Int
        let overlap: Int
        let borders: String
    }

    /// Prints it, for programs or for people.
    func show(json: Bool) throws {
        if json { return try printJSON(self) }
        Terminal.write(
            "\(output): \(frames) frames in \(decimal(seconds, 1)) s, \(decimal(framesPerSecond, 1)) a second",
            to: .output)
    }
}
