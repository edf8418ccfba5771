import ArgumentParser
import Glibc
import MediaIO
import Support

extension ConversionOptions {
    /// Converts the files of a folder whose outputs do not exist, and then those that come into it, until a signal.
    ///
    /// - Throws: an `ExitCode` if any failed, or the `Interruption` of a conversion.
    func convertArriving(json: Bool, _ convert: (ConversionJob) throws -> any ConversionSummary) throws {
        let input = inputs[0]
        guard Files.isFolder(input) else { throw MediaError("\(input): is no folder; --watch waits for files in one") }
        guard ConversionPlan.isFolder(output) else {
            throw MediaError("\(output): is no folder; the outputs of --watch need one, such as -o \(output)/")
        }
        guard !Files.areSame(input, output) else {
            throw MediaError("\(output): is the folder that is watched; name another one")
        }
        Interrupt.listen()
        let folder = try OutputFolder(output)
        Terminal.write("pentimento: waiting for files in \(input); Ctrl-C ends it", to: .error)
        var watch = FolderWatch(input)
        var batch = ConversionBatch(json: json, isEndless: true)
        try withExtendedLifetime(folder) {
            while batch.goesOn {
                for file in watch.wholeFiles(at: Terminal.now) where batch.goesOn {
                    batch.take(file, to: output, convert)
                }
                // A signal ends the sleep.
                if batch.goesOn { sleep(1) }
            }
            try batch.finish()
        }
    }
}

extension ConversionBatch {
    /// Converts a file unless its output exists.
    fileprivate mutating func take(
        _ file: String, to folder: String, _ convert: (ConversionJob) throws -> any ConversionSummary
    ) {
        do {
            let output = try ConversionPlan.output(of: file, in: folder)
            if ConversionPlan.existing(output) == nil { run(ConversionJob(input: file, output: output), convert) }
        } catch {
            fail(file, nil, error)
        }
    }
}
