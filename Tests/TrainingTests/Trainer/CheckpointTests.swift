import Imaging
import ModelFiles
import NeuralNet
import Support
import TestSupport
import Testing
import Training

@Suite struct CheckpointTests {
    private func checkpoint(after steps: Int, of sample: TrainingCase = TrainingCase()) throws -> Checkpoint {
        let trainer = try sample.trainer()
        try trainer.run { $0.step < steps }
        return trainer.checkpoint()
    }

    @Test func aCheckpointIsReadBack() throws {
        let written = try checkpoint(after: 2)
        let folder = try TemporaryFolder()
        try written.write(to: folder.path("state"))
        let read = try Checkpoint(contentsOf: folder.path("state"))
        #expect(read.settings == written.settings && read.inputs == written.inputs && read.step == 2)
        #expect(read.history == written.history && read.seconds == written.seconds && read.rateFactor == 1)
        #expect(Files.names(in: folder.path) == ["state"], "nothing is left beside it")
    }

    @Test func aDamagedFileIsRefused() throws {
        let folder = try TemporaryFolder()
        try checkpoint(after: 1).write(to: folder.path("state"))
        let bytes = try Files.read(folder.path("state"))
        var flipped = bytes
        flipped[flipped.count - 5] ^= 1
        for (name, damaged) in [("empty", []), ("cut", Array(bytes.dropLast(9))), ("flipped", flipped)] {
            try Files.write(damaged, to: folder.path(name))
            #expect(throws: (any Error).self, "\(name)") { try Checkpoint(contentsOf: folder.path(name)) }
        }
        try Files.write(TrainingCase().trainer().encodedModel(), to: folder.path("model"))
        let error = #expect(throws: TrainingError.self) { try Checkpoint(contentsOf: folder.path("model")) }
        #expect(error?.description.contains("no checkpoint") == true)
    }

    /// Numbers that would overflow, or are out of range.
    @Test(arguments: [
        ("step", "9223372036854775807"), ("step", "-9223372036854775808"), ("step", "-1"), ("step", "4294967297"),
        ("optimizerSteps", "9223372036854775807"), ("optimizerSteps", "-1"), ("rateFactor", "0"), ("rateFactor", "-1"),
        ("rateFactor", "2"), ("rateFactor", "1e400"), ("seconds", "-1"), ("seconds", "1e999"),
    ]) func numbersOutOfRangeAreRefused(name: String, number: String) throws {
        let folder = try TemporaryFolder()
        let file = try SafeTensors(bytes: checkpoint(after: 1).encoded())
        var metadata = file.metadata
        let state = try #require(metadata["state"])
        let changed = state.replacing(try Regex("\"\(name)\":[^,}]*"), with: "\"\(name)\":\(number)")
        #expect(changed != state)
        metadata["state"] = changed
        let tensors = file.tensors.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
        try SafeTensors.write(tensors, metadata: metadata, to: folder.path("state"))
        let error = #expect(throws: TrainingError.self) { try Checkpoint(contentsOf: folder.path("state")) }
        #expect(error?.description.contains("\(folder.path("state")): ") == true)
    }

    @Test func aDiskThatIsFullLeavesTheOldOne() throws {
        let written = try checkpoint(after: 1)
        #expect(throws: FileError.self) { try written.write(to: "/dev/full/state") }
        let folder = try TemporaryFolder()
        #expect(throws: FileError.self) { try written.write(to: folder.path("none/state")) }
    }

    @Test func otherSettingsAreRefusedByName() throws {
        let kept = try checkpoint(after: 1)
        func refusal(_ change: (inout TrainingCase) -> Void) throws -> String {
            var sample = TrainingCase()
            change(&sample)
            let error = #expect(throws: TrainingError.self) { try sample.trainer(from: kept) }
            return error?.description ?? ""
        }
        #expect(try refusal { $0.settings.styleWeight = 20 }.contains("style-weight was 6, is 20"))
        #expect(try refusal { $0.settings.seed = 4 }.contains("seed was 0, is 4"))
        #expect(try refusal { $0.settings.architecture = "c3s1-8,d8,R8,U2,c3s1-4" }.contains("arch was c3s1-4,d8"))
        #expect(try refusal { $0.settings.contentLayers = [LossLayer(block: 1, convolution: 1)] }.contains("relu2_1"))
        #expect(try refusal { $0.settings.isDilated = true }.contains("dilated was no, is yes"))
    }

    @Test func aTrainingMayBeMadeLongerAndUseMoreThreads() throws {
        let kept = try checkpoint(after: 6)
        var sample = TrainingCase()
        sample.settings.length = .steps(8)
        sample.settings.threads = 1
        let trainer = try sample.trainer(from: kept)
        #expect(try trainer.run() && trainer.step == 8)
    }
}
