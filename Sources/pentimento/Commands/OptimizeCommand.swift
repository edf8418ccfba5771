import ArgumentParser
import Conversions
import GStreamerKit
import GstPentimento
import MediaIO
import Shots
import Style

struct OptimizeCommand: ShotPainter {
    static let configuration = CommandConfiguration(
        commandName: "optimize",
        abstract: "Stylizes videos, images and image sequences after any painting, by optimisation (slow).",
        discussion: """
            \(ConversionOptions.discussion)

            Each frame is optimised individually, so no model has to be trained, but it takes seconds to minutes per frame. \
            Finished frames are kept in OUTPUT.pentimento until the output is complete: after an interruption, --resume continues \
            from there.
            """)

    @OptionGroup var conversion: ConversionOptions
    @OptionGroup var encoder: EncoderOptions

    @OptionGroup(title: "Painting") var painting: OptimizeOptions
    @OptionGroup(title: "Coherence") var motion: MotionOptions

    @OptionGroup var shots: ShotOptions

    @Flag(help: "Resume an interrupted run.")
    var resume = false

    @Option(help: "Write the current image to this file during the optimisation (.png, .jpg).")
    var preview: String?

    @Option(StyleOptimize.storeLocation) var storeLocation
    @Option(StyleOptimize.storeLimit) var storeLimit
    @Option(StyleOptimize.threads) var threads

    func validate() throws {
        try shots.check(conversion, quality: encoder.quality)
        guard shots.list == nil || motion.hasComputedCuts else {
            throw ValidationError(
                "--shots goes together with no --flow-pattern, and with a --long-term that begins with 1")
        }
        guard painting.passes.value == 1 || motion.longTerm == nil else {
            throw ValidationError("--long-term belongs to one pass; several passes look at neighbours only")
        }
        if let preview, ![".png", ".jpg", ".jpeg"].contains(where: preview.lowercased().hasSuffix) {
            throw ValidationError("--preview is a .png or .jpg file, not \(preview)")
        }
        if let preview, preview == conversion.output {
            throw ValidationError("--preview and --output are the same file, \(preview)")
        }
        guard !conversion.isSeveral || preview == nil && !motion.files.areGiven else {
            throw ValidationError("--preview and --flow-pattern belong to one input")
        }
    }

    func run() throws {
        try Pentimento.startElements()
        try painting.checkFiles()
        try conversion.convertAll(resuming: resume, convert)
    }

    private func convert(_ job: ConversionJob) throws -> any ConversionSummary {
        let input = try shots.opened(job, conversion)
        try motion.files.check(for: input, conversion, distances: motion.distances)
        var settings = conversion.settings(for: job, quality: encoder.quality, threads: threads.value)
        let part = try part(of: input, job, settings)
        let state = ResumeState(
            output: part?.path ?? job.outputName, settings: stateSettings, isShared: part != nil)
        if let part, !conversion.common.force, try part.isDone {
            state.discardAll()
            return part.report(seconds: nil)
        }
        // Errors of the output are reported before any work starts.
        if part == nil { try state.checkNothingIsLost(resuming: resume, replacing: conversion.common.force) }
        if let preview {
            try ReservedOutputs.checkDistinct([job.output, preview])
            try ReservedOutputs([preview], replacing: resume || conversion.common.force).release()
        }
        // Existing frames of an output sequence are from the run that is resumed.
        if resume && state.hasResults, case .frames? = try? MediaOutput(job.output) { settings.replacing = true }
        part?.apply(to: &settings)
        // From here on a temporary file exists, which a signal has to remove.
        Interrupt.listen()
        let run = try Conversion(input, to: part?.path ?? job.output, filter: elements(for: input), settings: settings)
        let isResumed = try state.prepare(resuming: resume, replacing: conversion.common.force)
        if resume && !isResumed {
            Terminal.write("pentimento: there is nothing to resume; starting with the first frame", to: .error)
        }
        configure(run, state: state, firstFrame: part?.firstFrame ?? 0)

        let optimization = try painting.settings()
        var progress = OptimizeProgress(
            name: job.input, frames: part?.frameCount ?? conversion.expectedFrames(of: input), width: run.width,
            height: run.height,
            limits: optimization.passes > 1
                ? (optimization.passIterations, optimization.passIterations)
                : (optimization.firstIterations, optimization.nextIterations),
            preview: preview, style: conversion.common.progress)
        run.onMessage(OptimizeProgress.messageName) { progress.record($0) }
        run.onWarning { conversion.note($0, on: job) }
        defer { progress.clear() }
        let began = Terminal.now
        let done = try keeping(state) {
            try Interrupt.guarding {
                let work = { try run.run { _ in Interrupt.received == nil ? .goOn : .cancel } }
                return try part.map { try $0.guarding(run, work) } ?? work()
            }
        }
        state.discard()
        state.discardAll()
        progress.clear()
        for text in run.notes { conversion.note(text, on: job) }
        if let part { return part.report(seconds: Terminal.now - began) }
        return Report(
            input: job.input, output: job.outputName, styleImages: painting.styleImages.map(\.path),
            lossNetwork: painting.lossNetwork.value, passes: optimization.passes, frames: done.frames,
            framesKept: max(0, done.frames - progress.computedFrames), iterations: progress.finishedIterations,
            lastLoss: progress.lastLoss, seconds: Terminal.now - began)
    }

    private func elements(for input: MediaInput) -> String {
        let optimizer = "styleoptimize name=optimizer metas=drop"
        // A still image has no motion.
        return input.kind == .still ? optimizer : "\(MotionOptions.elements) ! \(optimizer)"
    }

    func part(
        of input: MediaInput, _ job: ConversionJob, _ settings: Conversion.Settings
    ) throws -> PartPainting? {
        guard shots.list != nil else { return nil }
        let size = settings.size?.resolved(for: input) ?? (width: input.width, height: input.height)
        let detector = Detector(optimizingWith: motion.flow.value, size: size, settings)
        var pixels = PixelSettings(settings)
        try painting.add(to: &pixels)
        pixels.add("long-term", motion.longTerm?.value ?? "")
        return try shots.painting(of: input, job, detector: detector, settings: pixels)
    }

    private func configure(_ run: Conversion, state: ResumeState, firstFrame: Int) {
        let own: [any PropertySetting] = [
            TypedSetting(StyleOptimize.stateLocation, state.path), TypedSetting(StyleOptimize.preview, preview != nil),
            TypedSetting(StyleOptimize.firstFrame, firstFrame),
        ]
        for setting in painting.properties + propertySettings + own {
            run.set(setting.name, of: "optimizer", to: setting.text)
        }
        for setting in motion.settings { run.set(setting.name, of: "flow", to: setting.text) }
    }

    /// The settings that results depend on, by option name.
    private var stateSettings: [String: String] {
        var settings = ["flow": motion.flow.text]
        // Style images are identified by content, which the element compares.
        for setting in painting.properties where setting.name != StyleOptimize.styleImages.name {
            settings[setting.name] = setting.text
        }
        settings["long-term"] = motion.longTerm?.value
        settings["flow-pattern"] = motion.files.flowPattern?.value
        settings["reverse-flow-pattern"] = motion.files.reverseFlowPattern?.value
        settings["size"] = conversion.size.map {
            "\($0.width.map(String.init) ?? "")x\($0.height.map(String.init) ?? "")"
        }
        settings["start"] = conversion.start.map { "\($0)" }
        settings["frame-rate"] = conversion.frameRate
        return settings
    }

    /// Runs `body`. If it fails, adds to the error how to resume, or removes the state folder if nothing is finished.
    private func keeping<Result>(_ state: ResumeState, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            guard state.hasResults else {
                state.discard()
                throw error
            }
            let advice = "finished frames are in \(state.path): the same command with --resume goes on from there"
            if let interruption = error as? Interruption {
                throw Interruption(signal: interruption.signal, description: "interrupted; \(advice)")
            }
            throw MediaError("\(error); \(advice)")
        }
    }

    private struct Report: ConversionSummary {
        let input: String
        let output: String
        let styleImages: [String]
        let lossNetwork: String
        let passes: Int
        let frames: Int
        /// Frames taken from an earlier run.
        let framesKept: Int
        /// Total iterations of the frames computed in this run.
        let iterations: Int
        /// Loss of the last frame computed in this run.
        let lastLoss: Double?
        let seconds: Double

        var line: String {
            let count = frames == 1 ? "a picture" : "\(frames) frames"
            let kept = framesKept > 0 ? " (\(framesKept) of them kept from before)" : ""
            return "\(output): \(count)\(kept) in \(roughTime(seconds))"
        }
    }
}
