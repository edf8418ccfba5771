import ArgumentParser
import MediaIO

/// What a command prints about a conversion.
protocol ConversionSummary: Encodable {
    /// One line of text.
    var line: String { get }
}

extension ConversionOptions {
    /// Converts each input to its own output, and prints what was done: text, or with `--json` an object, with several
    /// inputs an array of them.
    ///
    /// With several inputs, one that fails stops no other.
    ///
    /// - Parameters:
    ///   - resuming: whether inputs whose outputs exist are left out, if there are several.
    ///   - convert: converts one.
    /// - Throws: before any work if inputs have no output each of its own, or outputs exist; the error of the only
    ///   conversion; with several, an `ExitCode` if any failed, or the `Interruption`.
    func convertAll(
        resuming: Bool = false, _ convert: (ConversionJob) throws -> any ConversionSummary
    ) throws {
        if watch { return try convertArriving(convert) }
        // A folder may be made, which a signal has to remove.
        if ConversionPlan.isFolder(output) { Interrupt.listen() }
        let plan = try ConversionPlan(
            inputs, to: output, existing: common.force ? .replace : resuming ? .skip : .refuse)
        // Removes the folder if nothing came into it.
        try withExtendedLifetime(plan.folder) {
            guard plan.isSeveral else {
                for job in plan.jobs {
                    do {
                        let summary = try convert(job)
                        let isStandard = job.output == MediaOutput.standard
                        if common.json {
                            try printJSON(summary)
                        } else {
                            Terminal.write(summary.line, to: isStandard ? .error : .output)
                        }
                    } catch { throw Interrupt.interruption(by: error) ?? error }
                }
                return
            }
            var batch = ConversionBatch(json: common.json)
            for (input, error) in plan.failures { batch.fail(input, nil, error) }
            for job in plan.jobs where batch.goesOn { batch.run(job, convert) }
            try batch.finish(of: plan.jobs.count + plan.failures.count, skipped: plan.skippedCount)
        }
    }
}

/// Conversions of several files, one after the other.
struct ConversionBatch {
    private let json: Bool
    private let isEndless: Bool
    private let began = Terminal.now
    private var results: [Result] = []
    private var doneCount = 0
    private var failed: [String] = []
    /// Outputs of this run.
    private var painted: Set<[UInt8]> = []
    private var interruption: Interruption?

    /// A summary, or why there is none.
    private enum Result: Encodable {
        case done(any ConversionSummary)
        case failed(Failure)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .done(let summary): try summary.encode(to: encoder)
            case .failed(let failure): try failure.encode(to: encoder)
            }
        }
    }

    private struct Failure: Encodable {
        let input: String
        let output: String?
        let error: String
    }

    /// - Parameter isEndless: whether only a signal ends it. JSON then comes line by line, not as an array.
    init(json: Bool, isEndless: Bool = false) {
        self.json = json
        self.isEndless = isEndless
    }

    /// Whether an output was written by this run.
    func hasPainted(_ output: String) -> Bool { painted.contains(Array(output.utf8)) }

    /// Whether no signal has ended the work.
    var goesOn: Bool { interruption == nil && Interrupt.received == nil }

    /// Converts a file and prints the outcome.
    mutating func run(_ job: ConversionJob, _ convert: (ConversionJob) throws -> any ConversionSummary) {
        do {
            let summary = try convert(job)
            doneCount += 1
            painted.insert(Array(job.output.utf8))
            if !json { Terminal.write(summary.line, to: .output) }
            record(.done(summary))
        } catch {
            interruption = Interrupt.interruption(by: error)
            if interruption == nil { fail(job.input, job.output, error) }
        }
    }

    /// Records that a file was not converted, and prints why.
    mutating func fail(_ input: String, _ output: String?, _ error: any Error) {
        let text = oneLine(error)
        let isNamed = text.contains(input) || output.map(text.contains) == true
        Terminal.write("pentimento: \(isNamed ? text : "\(input): \(text)")", to: .error)
        failed.append(input)
        record(.failed(Failure(input: input, output: output, error: text)))
    }

    private mutating func record(_ result: Result) {
        guard json else { return }
        guard isEndless else { return results.append(result) }
        if let line = try? jsonLine(result) { Terminal.write(line, to: .output) }
    }

    /// Prints the summary.
    ///
    /// - Parameters:
    ///   - count: the number of inputs; nil: those that were tried.
    ///   - skipped: the number of further ones that were left out.
    /// - Throws: the `Interruption`, or an `ExitCode` if any failed.
    func finish(of count: Int? = nil, skipped: Int = 0) throws {
        if json {
            if !isEndless { try printJSON(results) }
        } else {
            var text = "\(doneCount) of \(count ?? doneCount + failed.count) files painted"
            if !isEndless { text += " in \(decimal(Terminal.now - began, 1)) s" }
            if skipped > 0 { text += "; \(skipped) were there already" }
            if !failed.isEmpty { text += "; failed: \(failed.joined(separator: ", "))" }
            Terminal.write(text, to: .output)
        }
        if let interruption { throw interruption }
        // While it waits for files, a signal is its ordinary end.
        if !isEndless, let number = Interrupt.received {
            throw Interruption(signal: number, description: "interrupted")
        }
        if !failed.isEmpty { throw ExitCode(1) }
    }
}
