import FoundationEssentials
import Imaging
import MediaIO
import Support
import Training

/// The folder beside a model where its training is kept: `MODEL.pentimento` with the last checkpoint and the network as it is.
final class TrainState {
    private let folder: StateFolder
    private static let checkpointName = "checkpoint.safetensors"
    private static let modelName = "model.safetensors"
    private var checkpointFile: String { "\(folder.path)/\(Self.checkpointName)" }
    /// The network as it was when it was last saved, to be tried.
    var modelFile: String { "\(folder.path)/\(Self.modelName)" }
    private var hasCheckpoint: Bool { Files.exists(checkpointFile) }

    init(output: String) {
        folder = StateFolder(output: output)
    }

    /// Makes the folder ready for a run.
    ///
    /// - Returns: where to go on; nil: at the beginning.
    /// - Throws: where it holds what an earlier run has done and nobody said what to do with that, it cannot be read, or another
    ///   run uses it.
    func prepare(resuming: Bool, replacing: Bool) throws -> Checkpoint? {
        try folder.open()
        guard hasCheckpoint else { return nil }
        if resuming { return try readCheckpoint() }
        guard replacing else {
            throw MediaError(
                "\(folder.path): keeps an earlier training; --resume goes on with it, --force begins anew")
        }
        folder.discard()
        try folder.open()
        return nil
    }

    private func readCheckpoint() throws -> Checkpoint {
        do {
            return try Checkpoint(contentsOf: checkpointFile)
        } catch {
            guard Files.exists(modelFile) else { throw error }
            throw MediaError("\(error); the network as it was is whole: copy \(modelFile) and give it to --init-from")
        }
    }

    func save(_ checkpoint: Checkpoint, model: [UInt8]? = nil) throws {
        try folder.write(checkpoint.encoded(), to: Self.checkpointName)
        if let model { try folder.write(model, to: Self.modelName) }
    }

    func discard() { folder.discard() }

    /// Runs `body`; where that fails, says what is kept, or leaves nothing behind.
    func keeping<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch TrainingError.checkpoint(let problem) {
            // It says itself what to do.
            throw TrainingError.checkpoint(problem)
        } catch {
            guard hasCheckpoint else {
                discard()
                throw error
            }
            let advice = "what is done is kept in \(folder.path): the same command with --resume goes on from there"
            if let interruption = error as? Interruption {
                throw Interruption(signal: interruption.signal, description: "\(interruption); \(advice)")
            }
            let what = "\(error)"
            throw MediaError("\(what.hasSuffix(".") ? String(what.dropLast()) : what); \(advice)")
        }
    }
}
