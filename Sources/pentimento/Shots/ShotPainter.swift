import ArgumentParser
import Conversions
import MediaIO

/// A command that paints one shot with `--shots LIST --shot N`.
protocol ShotPainter: ParsableCommand {
    var conversion: ConversionOptions { get }
    var shots: ShotOptions { get }

    /// The painting of the shot; nil without `--shots`.
    ///
    /// - Parameter settings: those of ``conversion``.
    /// - Throws: `ShotFailure` if the list does not fit; an error of options that name what is not there.
    func part(of input: MediaInput, _ job: ConversionJob, _ settings: Conversion.Settings) throws -> PartPainting?
}

extension ShotPainter {
    /// The painting that the command would begin.
    func plannedPart() throws -> PartPainting? {
        guard let input = conversion.inputs.first else { return nil }
        let job = ConversionJob(input: input, output: conversion.output)
        let settings = conversion.settings(for: job, quality: EncoderOptions.defaultQuality, threads: 1)
        return try part(of: shots.opened(job, conversion), job, settings)
    }
}
