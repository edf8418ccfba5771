import Conversions
import MediaIO

extension ConversionOptions {
    /// Runs a conversion and shows its progress. Warnings and changes of the sound go to standard error.
    ///
    /// - Parameters:
    ///   - job: names the files.
    ///   - factories: factory names of the elements whose times are measured.
    ///   - count: the number of frames; nil: by the input.
    func run(
        _ conversion: Conversion, of job: ConversionJob, measuring factories: [String], frames count: Int? = nil
    ) throws -> ConversionReport {
        conversion.onWarning { note($0, on: job) }
        let times = conversion.measureTimes(of: factories)
        let began = Terminal.now
        let done = try common.showingProgress(
            total: count ?? expectedFrames(of: conversion.input), input: isSeveral ? job.input : nil
        ) { poll in try conversion.run { poll($0.frames) } }
        for text in conversion.notes { note(text, on: job) }
        let seconds = Terminal.now - began
        return ConversionReport(
            input: job.input, output: job.outputName, frames: done.frames, seconds: seconds,
            framesPerSecond: Double(done.frames) / seconds,
            millisecondsPerFrame: Dictionary(
                uniqueKeysWithValues: times.times.filter { $0.buffers > 0 }.map {
                    ($0.element, $0.seconds * 1000 / Double($0.buffers))
                }))
    }

    /// Prints what is to be known of a conversion to standard error, with its input if there are several.
    func note(_ text: String, on job: ConversionJob) {
        let isNamed = !isSeveral || text.hasPrefix("\(job.input): ")
        Terminal.write("pentimento: \(isNamed ? "" : "\(job.input): ")\(text)", to: .error)
    }
}

/// Summary of a conversion.
struct ConversionReport: ConversionSummary {
    let input: String
    let output: String
    var style: String?
    var perFrame: Bool?
    var sphere: SphereReport?
    let frames: Int
    let seconds: Double
    let framesPerSecond: Double
    let millisecondsPerFrame: [String: Double]

    /// Layouts and faces of a converted sphere.
    struct SphereReport: Encodable {
        let layout: String
        let outputLayout: String
        let faceSize: Int
        let overlap: Int
        let borders: String
    }

    var line: String {
        "\(output): \(frames) frames in \(decimal(seconds, 1)) s, \(decimal(framesPerSecond, 1)) frames/s"
    }
}
