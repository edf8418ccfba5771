import Conversions
import MediaIO
import Support

/// An input and the output that it is written to.
struct ConversionJob {
    /// As it was given, or found in a folder.
    let input: String
    let output: String
    /// Whether the output is of an earlier content of the input, and is to be replaced.
    var isReplacing = false

    /// The output as it is named in reports: a file's true name.
    var outputName: String { FramePattern.literal(output) }
}

/// The jobs of a command line, checked before any work.
struct ConversionPlan {
    private(set) var jobs: [ConversionJob] = []
    /// Inputs whose outputs have no name, since they cannot be read.
    private(set) var failures: [(input: String, error: any Error)] = []
    /// The number of inputs that were left out, since their outputs exist.
    private(set) var skippedCount = 0
    /// The folder of the outputs; nil: the output is a file or a pattern.
    private(set) var folder: OutputFolder?
    /// Whether there may be more inputs than one: several arguments, or a folder.
    let isSeveral: Bool

    /// What is done with outputs that exist.
    enum Existing { case refuse, replace, skip }

    /// - Parameters:
    ///   - inputs: files, patterns, folders.
    ///   - output: a file, a pattern, or a folder: an existing one, or one whose name ends in a slash.
    ///   - existing: what is done if there are several inputs and outputs exist.
    /// - Throws: if the inputs have no output each of its own, or outputs exist.
    init(_ inputs: [String], to output: String, existing: Existing) throws {
        isSeveral = inputs.count > 1 || inputs.contains(where: Files.isFolder)
        guard Self.isFolder(output) else {
            guard !isSeveral else {
                throw MediaError(
                    "\(output): is no folder, which several inputs need for their outputs; name one, as painted/")
            }
            jobs = inputs.map { ConversionJob(input: $0, output: output) }
            return
        }
        for input in try inputs.flatMap(Self.files) {
            do {
                // Two names that cannot be read may look the same.
                if isSeveral { try MediaInput.checkName(input) }
                jobs.append(ConversionJob(input: input, output: try Self.output(of: input, in: output)))
            } catch {
                guard isSeveral else { throw error }
                failures.append((input, error))
            }
        }
        try checkDistinct()
        if isSeveral {
            switch existing {
            case .refuse: try checkNothingExists()
            // Pictures of a series are those of the run that is resumed.
            case .skip:
                let all = jobs.count
                jobs.removeAll { FramePattern($0.output) == nil && Self.existing($0.output) != nil }
                skippedCount = all - jobs.count
            case .replace: break
            }
        }
        folder = try OutputFolder(output)
    }

    /// Whether an output is a folder.
    static func isFolder(_ output: String) -> Bool { output.hasSuffix("/") || Files.isFolder(output) }

    /// The files of an input: those of a folder that are videos or pictures, sorted, or the input itself.
    static func files(of input: String) throws(MediaError) -> [String] {
        guard Files.isFolder(input) else { return [input] }
        let folder = input.hasSuffix("/") ? input : input + "/"
        let files = Files.names(in: folder).filter { MediaNames.isMedia($0, in: folder) }.map { folder + $0 }
            .filter { !Files.isFolder($0) }
        guard !files.isEmpty else { throw MediaError("\(input): has no video and no picture in it") }
        return files
    }

    /// The path of an input's output in a folder.
    static func output(of input: String, in folder: String) throws(MediaError) -> String {
        let name = InputAddress(input).fileName
        let output = try MediaNames.output(of: name) { () throws(MediaError) in
            if case .live = InputAddress(input), !name.isEmpty { return false }
            guard !name.isEmpty, !Files.isPipe(input), Files.exists(input) || !input.contains("://") else {
                throw MediaError("\(input): its name does not tell that of an output; name a file by -o")
            }
            return try MediaInput(input).kind != .video
        }
        let path = folder.hasSuffix("/") ? folder + output : "\(folder)/\(output)"
        // The file may have a name that reads like a pattern.
        return Files.exists(input) ? FramePattern.escaped(path) : path
    }

    private func checkDistinct() throws(MediaError) {
        // By bytes: two names may look alike.
        var owners: [[UInt8]: String] = [:]
        for job in jobs {
            if let other = owners.updateValue(job.input, forKey: Array(job.output.utf8)) {
                throw MediaError(
                    other.utf8.elementsEqual(job.input.utf8)
                        ? "\(other): is named twice; name it once"
                        : "\(job.output): would be the output of both \(other) and \(job.input); give them apart")
            }
            guard Files.exists(job.output) else { continue }
            if let same = jobs.first(where: { Files.areSame($0.input, job.output) }) {
                throw MediaError("\(job.output): is the input \(same.input); name another folder")
            }
        }
    }

    private func checkNothingExists() throws(MediaError) {
        let existing = jobs.compactMap { Self.existing($0.output) }
        guard existing.isEmpty else {
            let words = existing.count == 1 ? ("exists", "it") : ("exist", "them")
            throw MediaError(
                "\(existing.joined(separator: ", ")): \(words.0) already; --force replaces \(words.1)")
        }
    }

    /// The file of an output that exists; nil if there is none.
    static func existing(_ output: String) -> String? {
        if case .frames(let pattern)? = try? MediaOutput(output) {
            return pattern.numbersPresent.min().map(pattern.path)
        }
        let path = FramePattern.literal(output)
        return Files.isThere(path) ? path : nil
    }
}
