import ArgumentParser
import Glibc
import MediaIO
import Support

extension ConversionOptions {
    /// Converts the files of a folder whose outputs do not exist, and then those that come into it, until a signal.
    ///
    /// - Throws: an `ExitCode` if any failed, or the `Interruption` of a conversion.
    func convertArriving(_ convert: (ConversionJob) throws -> any ConversionSummary) throws {
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
        var batch = ConversionBatch(json: common.json, isEndless: true)
        try withExtendedLifetime(folder) {
            while batch.goesOn {
                for arrival in watch.wholeFiles(at: Terminal.now) where batch.goesOn {
                    batch.take(arrival, to: output, convert)
                }
                // A signal ends the sleep.
                if batch.goesOn { sleep(1) }
            }
            try batch.finish()
        }
    }
}

extension ConversionBatch {
    /// Converts a file unless its output exists. The output of an earlier content is replaced.
    fileprivate mutating func take(
        _ arrival: FolderWatch.Arrival, to folder: String, _ convert: (ConversionJob) throws -> any ConversionSummary
    ) {
        do {
            let output = try ConversionPlan.output(of: arrival.path, in: folder)
            let isReplaced = arrival.isChanged && hasPainted(output)
            guard isReplaced || ConversionPlan.existing(output) == nil else { return }
            if isReplaced {
                Terminal.write("pentimento: \(arrival.path): has changed; \(output) is painted again", to: .error)
            }
            run(ConversionJob(input: arrival.path, output: output, isReplacing: isReplaced), convert)
        } catch {
            fail(arrival.path, nil, error)
        }
    }
}
