import FoundationEssentials
import Imaging
import MediaIO
import Support
import Training

/// The state folder of `train`, `MODEL.pentimento`, with the last checkpoint and the current model.
final class TrainState {
    private let folder: StateFolder
    private static let checkpointName = "checkpoint.safetensors"
    private static let modelName = "model.safetensors"
    private var checkpointFile: String { "\(folder.path)/\(Self.checkpointName)" }
    /// The model at the last save, for users to try.
    var modelFile: String { "\(folder.path)/\(Self.modelName)" }
    private var hasCheckpoint: Bool { Files.exists(checkpointFile) }

    init(output: String) {
        folder = StateFolder(output: output)
    }

    /// Prepares the folder for a run.
    ///
    /// - Returns: the checkpoint to resume from; nil to start from the beginning.
    /// - Throws: an error if there is a checkpoint and neither `resuming` nor `replacing` is set, it cannot be read, or
    ///   another run uses the folder.
    func prepare(resuming: Bool, replacing: Bool) throws -> Checkpoint? {
        try folder.open()
        guard hasCheckpoint else { return nil }
        if resuming { return try readCheckpoint() }
        guard replacing else {
            throw MediaError(
                "\(folder.path): contains an earlier training run; --resume continues it, --force starts over")
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
            throw MediaError("\(error); the last saved model is intact: copy \(modelFile) and pass it to --init-from")
        }
    }

    func save(_ checkpoint: Checkpoint, model: [UInt8]? = nil) throws {
        try folder.write(checkpoint.encoded(), to: Self.checkpointName)
        if let model { try folder.write(model, to: Self.modelName) }
    }

    func discard() { folder.discard() }

    /// Runs `body`. If it fails, adds to the error how to resume, or removes the folder if there is no checkpoint.
    func keeping<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch TrainingError.checkpoint(let problem) {
            // This error already includes a remedy.
            throw TrainingError.checkpoint(problem)
        } catch {
            guard hasCheckpoint else {
                discard()
                throw error
            }
            let advice = "the last checkpoint is in \(folder.path): the same command with --resume goes on from there"
            if let interruption = error as? Interruption {
                throw Interruption(signal: interruption.signal, description: "\(interruption); \(advice)")
            }
            let what = "\(error)"
            throw MediaError("\(what.hasSuffix(".") ? String(what.dropLast()) : what); \(advice)")
        }
    }
}
